// A network that loses things when told to. It wraps `fetch`, so that it can be put under any client.

/** What `fetch` throws when a request or its answer is lost. */
export class Lost extends TypeError {}

export class Network {
  /** Is shown every request of every network with its answer. */
  static trace = () => {};

  /**
   * Asked before every request: `request` loses it, `answer` loses what comes back, anything else neither. May
   * send another `token`.
   */
  fate = () => 'none';
  /** `{ method, path, body, status, answer }` of every request that arrived. */
  log = [];

  fetch = async (input, init = {}) => {
    const url = new URL(input);
    const seen = { method: init.method ?? 'GET', path: url.pathname + url.search, body: init.body };
    const token = (text) => (init = { ...init, headers: { ...init.headers, authorization: `Bearer ${text}` } });
    const fate = await this.fate({ ...seen, token });
    if (fate === 'request') throw new Lost('the request was lost');
    const response = await fetch(input, init);
    this.log.push(seen);
    seen.status = response.status;
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
    seen.answer = await response.text();
    Network.trace(seen);
    if (fate === 'answer') throw new Lost('the answer was lost');
    return new Response(seen.answer === '' ? null : seen.answer, response);
  };

  /** Loses what `what` says of the next request that `of` picks, and of no other. */
  lose(what, of = () => true) {
    this.fate = (seen) => {
      if (!of(seen)) return 'none';
      this.fate = () => 'none';
      return what;
    };
  }
}
