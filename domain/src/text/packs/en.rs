//! English.
//!
//! Calm, short, never a reproach: whoever reads it should be glad to have got it.

mod lint;

use crate::text::dates::Dates;
use crate::text::pack::{
    Address, Clauses, ClosingQuestion, Deliverables, Letter, Letters, LockScreenTexts, LockText,
    Pack,
};
use crate::text::slots::Hints;

/// The English texts.
pub(in crate::text) static PACK: Pack = Pack {
    locale: "en",
    address: Address::FirstName,
    greeting: "[{pass_on}\n\n]Dear {first_name},\n\n",
    closing: "\n\nKind regards[,\n{my_name}]",
    quotes: ("“", "”"),
    and: " and ",
    small_words: &[
        "A", "An", "The", "Our", "Your", "My", "How", "What", "That", "This", "Their", "When",
        "Why",
    ],
    letters: LETTERS,
    clauses: Clauses {
        pass_on: "Could you please pass this note on to {full_name}?",
        thanks: "Let me also thank you for taking the time to talk with me; I meant to say so \
                 sooner.",
        timeline_question: "I forgot to ask on the way out: roughly when do you expect the next \
                            step?",
        timeline_question_later: "Could you tell me roughly when to expect the next step?",
        no_rush: "There is no rush on my side.",
        last_call: "If the timing has changed, a line whenever it suits you is plenty.",
        first_choice: "The {role} role at {employer} remains my first choice.",
        deadline_question: "Could you tell me by when you would like my answer?",
        extension_question: "Would a few more days be possible, so that I can give you a \
                             considered answer?",
    },
    deliverables: Deliverables {
        references: "my references",
        writing_sample: "my writing sample",
        recommendation_letter: "the letter of recommendation",
        portfolio: "my portfolio",
        transcript: "my transcript",
        form: "the completed form",
        take_home: "the exercise",
        availability: "my availability",
        salary_info: "the figures you asked for",
    },
    closing_questions: [
        ClosingQuestion {
            short: "Who moves next?",
            wording: "What is the next step, and is it on your side or on mine?",
        },
        ClosingQuestion {
            short: "What should I send?",
            wording: "Is there anything you would like me to send, such as references or samples?",
        },
        ClosingQuestion {
            short: "When will I hear?",
            wording: "By when do you expect to have news, and whom may I ask if it takes longer?",
        },
    ],
    hints: HINTS,
    dates: Dates {
        weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        months: [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        day: "{weekday} {day} {month}",
        moment: "{weekday} {day} {month} at {time}",
        today: "today",
        on_weekday: "on {weekday}",
        on_day: "on {day} {month}",
    },
    lock_screen: LOCK_SCREEN,
    lint: lint::LINT,
    findings: lint::FINDINGS,
};

const LETTERS: Letters = Letters {
    thank_you: [
        Letter {
            subject: "Thank you for your time[ {when}]",
            body: "Thank you for your time[ {when}]. One thing has stayed with me: {moment}[, \
                   because {fit}]. I would be glad to do this work with you at \
                   {employer}.[ {timeline_question}]",
        },
        Letter {
            subject: "Our conversation about the {role} role",
            body: "I enjoyed our conversation[ {when}] and want to thank you for it. What I keep \
                   thinking about is this: {moment}[, because {fit}]. The {role} role interests me \
                   even more now.[ {timeline_question}]",
        },
        Letter {
            subject: "Many thanks for the talk[ {when}]",
            body: "Many thanks for talking with me about {employer}[ {when}]. I took one thing \
                   home in particular: {moment}[, because {fit}]. It is work that I would love to \
                   be part of.[ {timeline_question}]",
        },
        Letter {
            subject: "With thanks: {role}",
            body: "It was kind of you to make room for me[ {when}]; thank you. Of all that we \
                   covered I remember one point best: {moment}[, because {fit}]. I am keen to take \
                   on the {role} role.[ {timeline_question}]",
        },
    ],
    promise_passed: Letter {
        subject: "Next step for the {role} role",
        body: "You had mentioned {promise_words} for the next step on the {role} role.[ {thanks}] \
               I am still interested in working for {employer}, and I would be glad to hear where \
               things stand. If anything from my side would help, I will gladly send it.[ One addition \
               since we spoke: {supplement}.][ {no_rush}][ {last_call}]",
    },
    open_ended: Letter {
        subject: "Next step for the {role} role",
        body: "It was good to talk with you about the {role} role[ {when}].[ {thanks}] I am still \
               interested in working for {employer}, and I would be glad to hear where things stand.[ One \
               addition since we spoke: {supplement}.][ {timeline_question}][ {no_rush}]\
               [ {last_call}]",
    },
    once_more: Letter {
        subject: "The {role} role",
        body: "I am writing once more about the {role} role: my interest in {employer} is as \
               strong as it was.[ {thanks}][ One addition since we spoke: {supplement}.] If there \
               is news, I would be glad to hear it, and if you need anything from me, I will send \
               it.[ {timeline_question}][ {no_rush}][ {last_call}]",
    },
    value_add: Letter {
        subject: "An addition to my application: {role}",
        body: "Since we spoke there is something new that I would like to add to my application \
               for the {role} role: {supplement}. I thought of it because of our conversation, and \
               I look forward to putting it to use. No reply needed.",
    },
    fulfil: Letter {
        subject: "As promised: {deliverable}",
        body: "As promised, with this message you receive {deliverable}. If anything is missing or \
               would help more in another form, please tell me. I remain very interested in the \
               {role} role at {employer}.",
    },
    offer_nudge: Letter {
        subject: "News that concerns the {role} role",
        body: "I would like to be open with you: I have received another offer and must answer it \
               by {deadline}.[ {first_choice}] Is there any way to know where things stand before \
               then? If that does not fit your process, I will of course understand.",
    },
    debrief: Letter {
        subject: "Notes for the call: {role} at {employer}",
        body: "- How it went: {impression}[\n- What stood out: {moment}][\n- What I would like to \
               add: {supplement}][\n- What they said about the next step: {promise_words}]\n- How \
               much I want it: say so plainly.\n- To ask: what have you heard, and who writes to \
               whom next?",
    },
    ack_offer: Letter {
        subject: "Thank you for the offer",
        body: "Thank you very much for the offer for the {role} role. I am very glad about it and \
               will read everything with care.[ You will have my answer by {deadline}.]\
               [ {deadline_question}]",
    },
    respond_offer: Letter {
        subject: "Your offer: {role}",
        body: "Thank you again for the offer for the {role} role at {employer}. \
               {answer}[ {extension_question}]",
    },
    gracious_reply: Letter {
        subject: "Thank you for letting me know",
        body: "Thank you for letting me know, and for the time that you and your colleagues gave \
               me.[ I will remember one thing in particular: {moment}.] If a role comes up that \
               fits, I would be glad to hear from you. I wish you and {employer} all the best.",
    },
    ask_new_slot: Letter {
        subject: "A new date for our conversation: {role}",
        body: "Thank you for letting me know that our conversation about the {role} role could not \
               take place as planned. I am still very interested, and flexible.[ These times would suit me \
               well: {proposed_times}.] Which date would suit you?",
    },
    no_show_ping: Letter {
        subject: "Our conversation[ {when}]",
        body: "I was there for our conversation about the {role} role[ {when}], and it seems that \
               we missed each other. I hope that all is well with you. I am happy to find another \
               time[, for example: {proposed_times}].",
    },
    apologise: Letter {
        subject: "My apologies for our conversation[ {when}]",
        body: "I am sorry that I missed our conversation about the {role} role[ {when}].[ {reason}] \
               I know that it cost you time. The role interests me very much, and I would be \
               grateful for another date.[ These times would suit me well: {proposed_times}.]",
    },
    withdrawal: Letter {
        subject: "My application for the {role} role",
        body: "After careful thought I would like to withdraw my application for the {role} role.\
               [ {reason}] Thank you for your time and for the good conversations. I wish you and \
               {employer} all the best, and success with your search.",
    },
    custom: Letter { subject: "{title}", body: "{message}" },
    reminder: Letter { subject: "{title}", body: "{title}" },
    prep_close: Letter {
        subject: "Three questions before you leave",
        body: "Before you leave, have three answers:",
    },
    log_debrief: Letter {
        subject: "How did it end?",
        body: "Write down who moves next, what you promised to send, and when you will hear. Ten \
               seconds are enough; it works offline.",
    },
    legal_notice: Letter {
        subject: "Your right to an answer",
        body: "Where this employer is, the law may owe you an answer after an interview. Nothing \
               has to be sent; it is good to know.",
    },
    close_out: Letter {
        subject: "Let it go, for now",
        body: "You have asked politely; that is enough. Most likely it is a no, possibly it is just \
               slow. Free your head; if they write, this opens again.",
    },
};

const HINTS: Hints = Hints {
    first_name: "The first name of the person you write to.",
    full_name: "The full name of the person you write to.",
    role: "The job's title.",
    employer: "The employer's name.",
    when: "The day of the conversation, such as: on Wednesday.",
    moment: "One moment that only this conversation had: a topic, a question, something they \
             showed you. It stands behind a colon.",
    fit: "Why that moment fits you; it completes: because …",
    thanks: "One sentence of thanks for their time.",
    supplement: "What is new: a certificate, a project, a publication.",
    deliverable: "What you hand over, such as: my references.",
    promise_words: "What they said about the next step, in their words.",
    timeline_question: "One question about when to expect the next step.",
    no_rush: "One line that takes the pressure off.",
    last_call: "One line that makes it easy to answer at any time.",
    deadline: "The day by which you must answer the offer.",
    deadline_question: "One question about when they need your answer.",
    first_choice: "That this role is your first choice, only if it is.",
    answer: "Your answer: yes, no, or what you still need to know.",
    extension_question: "One question for more time.",
    proposed_times: "Two or three times that suit you.",
    impression: "How it went, in one sentence.",
    reason: "One short sentence; no details needed.",
    message: "What you want to tell them.",
    title: "What it is about.",
    pass_on: "Asks the person in between to hand the note on.",
    my_name: "Your name.",
};

const LOCK_SCREEN: LockScreenTexts = LockScreenTexts {
    title: "Afterview",
    test: "Notifications reach this device.",
    thank_you: LockText {
        discreet: "A few kind words are due.",
        named: "Time to say thank you: {who}",
    },
    follow_up: LockText {
        discreet: "A good time for a short message.",
        named: "A good time to ask: {who}",
    },
    value_add: LockText {
        discreet: "Something new is ready to be shared.",
        named: "Show what is new: {who}",
    },
    fulfil: LockText {
        discreet: "Something you promised is due.",
        named: "Send what you promised: {who}",
    },
    offer_nudge: LockText {
        discreet: "A message with a date should go out.",
        named: "Tell them about the date: {who}",
    },
    debrief: LockText { discreet: "A short call is due.", named: "Tell how it went: {who}" },
    ack_offer: LockText {
        discreet: "A short reply is due.",
        named: "Confirm that it arrived: {who}",
    },
    respond_offer: LockText {
        discreet: "An answer of yours is due.",
        named: "Give your answer: {who}",
    },
    gracious_reply: LockText {
        discreet: "A kind reply would be good.",
        named: "A kind reply: {who}",
    },
    ask_new_slot: LockText {
        discreet: "A date needs to be found.",
        named: "Ask for a new date: {who}",
    },
    no_show_ping: LockText {
        discreet: "Somebody may be waiting for a sign.",
        named: "Ask what happened: {who}",
    },
    apologise: LockText { discreet: "A short message is urgent.", named: "Say sorry: {who}" },
    withdrawal: LockText {
        discreet: "A courteous message is due.",
        named: "Withdraw with courtesy: {who}",
    },
    custom: LockText { discreet: "A reminder of yours is due.", named: "Your reminder: {who}" },
    prep_close: LockText {
        discreet: "Three questions before you leave: Who moves next? What should I send? When will \
                   I hear?",
        named: "{who}: Who moves next? What should I send? When will I hear?",
    },
    log_debrief: LockText {
        discreet: "How did it end? Ten seconds, works offline.",
        named: "{who}: How did it end? Ten seconds, works offline.",
    },
    legal_notice: LockText {
        discreet: "There is something good to know.",
        named: "Good to know: {who}",
    },
    close_out: LockText {
        discreet: "Time to free your head of something.",
        named: "Time to let it go: {who}",
    },
};
