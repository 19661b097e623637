//! German: formal address, neutral as to gender.

mod lint;

use crate::text::dates::Dates;
use crate::text::pack::{
    Address, Clauses, ClosingQuestion, Deliverables, Letter, Letters, LockScreenTexts, LockText,
    Pack,
};
use crate::text::slots::Hints;

/// The German texts.
pub(in crate::text) static PACK: Pack = Pack {
    locale: "de",
    address: Address::FullName,
    greeting: "[{pass_on}\n\n]Guten Tag {first_name},\n\n",
    closing: "\n\nViele Grüße[\n{my_name}]",
    quotes: ("„", "“"),
    and: " und ",
    small_words: &[
        "Der", "Die", "Das", "Ein", "Eine", "Unser", "Unsere", "Mein", "Meine", "Wie", "Was",
        "Dass", "Warum", "Wann",
    ],
    letters: LETTERS,
    clauses: Clauses {
        pass_on: "Könnten Sie diese Nachricht bitte an {full_name} weitergeben?",
        thanks: "Auch möchte ich Ihnen noch dafür danken, dass Sie sich Zeit für mich genommen \
                 haben; das wollte ich schon früher sagen.",
        timeline_question: "Beim Hinausgehen habe ich vergessen zu fragen: Wann rechnen Sie \
                            ungefähr mit dem nächsten Schritt?",
        timeline_question_later: "Können Sie mir sagen, wann ich ungefähr mit dem nächsten Schritt \
                                  rechnen darf?",
        no_rush: "Von meiner Seite eilt es nicht.",
        last_call: "Falls sich der Zeitplan geändert hat, genügt eine Zeile, wann immer es Ihnen \
                    passt.",
        first_choice: "Die Stelle {role} bei {employer} ist weiterhin meine erste Wahl.",
        deadline_question: "Bis wann wünschen Sie sich meine Antwort?",
        extension_question: "Wären einige Tage mehr möglich, damit ich Ihnen eine gut überlegte \
                             Antwort geben kann?",
    },
    deliverables: Deliverables {
        references: "meine Referenzen",
        writing_sample: "meine Arbeitsprobe",
        recommendation_letter: "das Empfehlungsschreiben",
        portfolio: "mein Portfolio",
        transcript: "meine Zeugnisse",
        form: "das ausgefüllte Formular",
        take_home: "die Aufgabe",
        availability: "meine möglichen Termine",
        salary_info: "die gewünschten Angaben",
    },
    closing_questions: [
        ClosingQuestion {
            short: "Wer ist als Nächstes dran?",
            wording: "Was ist der nächste Schritt, und liegt er bei Ihnen oder bei mir?",
        },
        ClosingQuestion {
            short: "Was soll ich schicken?",
            wording: "Kann ich Ihnen noch etwas schicken, etwa Referenzen oder Arbeitsproben?",
        },
        ClosingQuestion {
            short: "Wann höre ich etwas?",
            wording: "Bis wann rechnen Sie mit Neuigkeiten, und wen darf ich fragen, falls es \
                      länger dauert?",
        },
    ],
    hints: HINTS,
    dates: Dates {
        weekdays: ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
        months: [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        day: "{weekday}, {day}. {month}",
        moment: "{weekday}, {day}. {month}, {time} Uhr",
        today: "heute",
        on_weekday: "am {weekday}",
        on_day: "am {day}. {month}",
    },
    lock_screen: LOCK_SCREEN,
    lint: lint::LINT,
    findings: lint::FINDINGS,
};

const LETTERS: Letters = Letters {
    thank_you: [
        Letter {
            subject: "Danke für Ihre Zeit[ {when}]",
            body: "vielen Dank für Ihre Zeit[ {when}]. Eines ist mir besonders in Erinnerung \
                   geblieben: {moment}[ – denn {fit}]. Diese Arbeit würde ich bei {employer} sehr \
                   gerne mit Ihnen machen.[ {timeline_question}]",
        },
        Letter {
            subject: "Unser Gespräch über die Stelle {role}",
            body: "ich habe mich über unser Gespräch[ {when}] gefreut und danke Ihnen dafür. Woran \
                   ich seither denke: {moment}[ – denn {fit}]. Mein Interesse an der Stelle {role} \
                   ist dadurch noch gewachsen.[ {timeline_question}]",
        },
        Letter {
            subject: "Herzlichen Dank für den Austausch[ {when}]",
            body: "herzlichen Dank, dass Sie mir[ {when}] von {employer} erzählt haben. Ein Punkt \
                   ist mir im Kopf geblieben: {moment}[ – denn {fit}]. An solchen Aufgaben würde \
                   ich mit Begeisterung mitarbeiten.[ {timeline_question}]",
        },
        Letter {
            subject: "Mit bestem Dank: {role}",
            body: "dass Sie sich[ {when}] für mich Zeit genommen haben, war sehr freundlich; danke. \
                   Von allem, was wir besprochen haben, nehme ich vor allem dies mit: \
                   {moment}[ – denn {fit}]. Auf die Aufgabe als {role} hätte ich große Lust und \
                   bin sehr interessiert.[ {timeline_question}]",
        },
    ],
    promise_passed: Letter {
        subject: "Nächster Schritt zur Stelle {role}",
        body: "für den nächsten Schritt zur Stelle {role} hatten Sie {promise_words} \
               genannt.[ {thanks}] Mein Interesse an {employer} ist unverändert, und ich würde \
               mich freuen zu hören, wie es steht. Falls von mir noch etwas hilfreich ist, schicke \
               ich es gerne.[ Neu seit unserem Gespräch: {supplement}.][ {no_rush}][ {last_call}]",
    },
    open_ended: Letter {
        subject: "Nächster Schritt zur Stelle {role}",
        body: "über unser Gespräch[ {when}] zur Stelle {role} habe ich mich sehr \
               gefreut.[ {thanks}] Mein Interesse an {employer} ist unverändert, und ich würde \
               gerne hören, wie es steht.[ Neu seit unserem Gespräch: \
               {supplement}.][ {timeline_question}][ {no_rush}][ {last_call}]",
    },
    once_more: Letter {
        subject: "Die Stelle {role}",
        body: "ich melde mich noch einmal zur Stelle {role}: Mein Interesse an {employer} besteht \
               weiterhin.[ {thanks}][ Neu seit unserem Gespräch: {supplement}.] Wenn es \
               Neuigkeiten gibt, freue ich mich darüber, und wenn Sie noch etwas brauchen, schicke \
               ich es gerne.[ {timeline_question}][ {no_rush}][ {last_call}]",
    },
    value_add: Letter {
        subject: "Eine Ergänzung zu meiner Bewerbung: {role}",
        body: "seit unserem Gespräch gibt es etwas Neues, das ich meiner Bewerbung für die Stelle \
               {role} gerne hinzufügen möchte: {supplement}. Unser Gespräch hat mich darauf \
               gebracht, und ich freue mich darauf, es einzusetzen. Eine Antwort ist nicht nötig.",
    },
    fulfil: Letter {
        subject: "Wie versprochen: {deliverable}",
        body: "wie versprochen erhalten Sie mit dieser Nachricht: {deliverable}. Falls etwas fehlt \
               oder in anderer Form hilfreicher wäre, sagen Sie es mir bitte. Mein Interesse an der \
               Stelle {role} bei {employer} ist unverändert groß.",
    },
    offer_nudge: Letter {
        subject: "Neuigkeiten zur Stelle {role}",
        body: "ich möchte offen mit Ihnen sein: Ich habe ein anderes Angebot erhalten und muss bis \
               {deadline} antworten.[ {first_choice}] Gibt es eine Möglichkeit, vorher zu \
               erfahren, wie es bei Ihnen steht? Wenn das nicht zu Ihrem Ablauf passt, habe ich \
               dafür selbstverständlich Verständnis.",
    },
    debrief: Letter {
        subject: "Notizen für das Telefonat: {role} bei {employer}",
        body: "- Wie es lief: {impression}[\n- Was in Erinnerung blieb: {moment}][\n- Was ich noch \
               ergänzen möchte: {supplement}][\n- Was sie zum nächsten Schritt sagten: \
               {promise_words}]\n- Wie gern ich die Stelle hätte: offen sagen.\n- Zu \
               fragen: Was haben Sie gehört, und wer meldet sich als Nächstes bei wem?",
    },
    ack_offer: Letter {
        subject: "Danke für das Angebot",
        body: "vielen Dank für das Angebot für die Stelle {role}. Ich freue mich sehr darüber und \
               lese alles sorgfältig.[ Meine Antwort erhalten Sie bis \
               {deadline}.][ {deadline_question}]",
    },
    respond_offer: Letter {
        subject: "Ihr Angebot: {role}",
        body: "nochmals vielen Dank für das Angebot für die Stelle {role} bei {employer}. \
               {answer}[ {extension_question}]",
    },
    gracious_reply: Letter {
        subject: "Danke für Ihre Nachricht",
        body: "danke für Ihre Nachricht und für die Zeit, die Sie und Ihr Team sich genommen \
               haben.[ Eines wird mir besonders in Erinnerung bleiben: {moment}.] Wenn sich einmal \
               eine passende Stelle ergibt, freue ich mich, von Ihnen zu hören. Ihnen und \
               {employer} wünsche ich alles Gute.",
    },
    ask_new_slot: Letter {
        subject: "Ein neuer Termin für unser Gespräch: {role}",
        body: "danke für die Nachricht, dass unser Gespräch über die Stelle {role} nicht \
               wie geplant stattfinden konnte. Ich bin weiterhin sehr interessiert und zeitlich \
               flexibel.[ Gut passen würde mir: {proposed_times}.] Welcher Termin wäre Ihnen recht?",
    },
    no_show_ping: Letter {
        subject: "Unser Gespräch[ {when}]",
        body: "zu unserem Gespräch über die Stelle {role}[ {when}] war ich da, und es scheint, dass \
               wir uns verpasst haben. Ich hoffe, bei Ihnen ist alles in Ordnung. Gerne finden wir \
               einen anderen Termin[, zum Beispiel: {proposed_times}].",
    },
    apologise: Letter {
        subject: "Entschuldigung wegen unseres Gesprächs[ {when}]",
        body: "es tut mir leid, dass ich unser Gespräch über die Stelle {role}[ {when}] verpasst \
               habe.[ {reason}] Ich weiß, dass Sie das Zeit gekostet hat. Die Stelle interessiert \
               mich sehr, und für einen neuen Termin wäre ich Ihnen dankbar.[ Gut passen würde mir: \
               {proposed_times}.]",
    },
    withdrawal: Letter {
        subject: "Meine Bewerbung für die Stelle {role}",
        body: "nach reiflicher Überlegung möchte ich meine Bewerbung für die Stelle {role} \
               zurückziehen.[ {reason}] Danke für Ihre Zeit und für die guten Gespräche. Ihnen und \
               {employer} wünsche ich alles Gute und eine glückliche Wahl.",
    },
    custom: Letter { subject: "{title}", body: "{message}" },
    reminder: Letter { subject: "{title}", body: "{title}" },
    prep_close: Letter {
        subject: "Drei Fragen, bevor Sie gehen",
        body: "Bevor Sie gehen, sollten drei Antworten da sein:",
    },
    log_debrief: Letter {
        subject: "Wie ging es aus?",
        body: "Notieren Sie, wer als Nächstes dran ist, was Sie zu schicken versprochen haben und \
               wann Sie etwas hören. Zehn Sekunden genügen; es geht auch ohne Netz.",
    },
    legal_notice: Letter {
        subject: "Ihr Recht auf eine Antwort",
        body: "Wo dieser Arbeitgeber sitzt, kann Ihnen nach einem Gespräch von Rechts wegen eine \
               Antwort zustehen. Es muss nichts verschickt werden; gut, es zu wissen.",
    },
    close_out: Letter {
        subject: "Fürs Erste loslassen",
        body: "Sie haben höflich und oft genug gefragt. Wahrscheinlich ist es eine Absage, \
               vielleicht dauert es nur. Machen Sie den Kopf frei; wenn sie schreiben, geht es hier \
               weiter.",
    },
};

const HINTS: Hints = Hints {
    first_name: "Der Name der Person, der Sie schreiben.",
    full_name: "Der volle Name der Person, der Sie schreiben.",
    role: "Die Bezeichnung der Stelle.",
    employer: "Der Name des Arbeitgebers.",
    when: "Der Tag des Gesprächs, zum Beispiel: am Mittwoch.",
    moment: "Ein Moment, den nur dieses Gespräch hatte: ein Thema, eine Frage, etwas, das man Ihnen \
             gezeigt hat. Er steht nach einem Doppelpunkt.",
    fit: "Warum dieser Moment zu Ihnen passt; ergänzt: denn …",
    thanks: "Ein Satz des Dankes für die Zeit.",
    supplement: "Was neu ist: ein Zertifikat, ein Projekt, eine Veröffentlichung.",
    deliverable: "Was Sie übergeben, zum Beispiel: meine Referenzen.",
    promise_words: "Was zum nächsten Schritt gesagt wurde, im Wortlaut.",
    timeline_question: "Eine Frage, wann mit dem nächsten Schritt zu rechnen ist.",
    no_rush: "Eine Zeile, die den Druck nimmt.",
    last_call: "Eine Zeile, die eine späte Antwort leicht macht.",
    deadline: "Der Tag, bis zu dem Sie auf das Angebot antworten müssen.",
    deadline_question: "Eine Frage, bis wann Ihre Antwort gebraucht wird.",
    first_choice: "Dass diese Stelle Ihre erste Wahl ist, nur wenn es stimmt.",
    answer: "Ihre Antwort: ja, nein oder was Sie noch wissen möchten.",
    extension_question: "Eine Frage nach mehr Zeit.",
    proposed_times: "Zwei oder drei Termine, die Ihnen passen.",
    impression: "Wie es lief, in einem Satz.",
    reason: "Ein kurzer Satz; Einzelheiten sind nicht nötig.",
    message: "Was Sie mitteilen möchten.",
    title: "Worum es geht.",
    pass_on: "Bittet die Person dazwischen, die Nachricht weiterzugeben.",
    my_name: "Ihr Name.",
};

const LOCK_SCREEN: LockScreenTexts = LockScreenTexts {
    title: "Afterview",
    test: "Mitteilungen erreichen dieses Gerät.",
    thank_you: LockText {
        discreet: "Ein paar freundliche Worte stehen an.",
        named: "Zeit, danke zu sagen: {who}",
    },
    follow_up: LockText {
        discreet: "Ein guter Zeitpunkt für eine kurze Nachricht.",
        named: "Ein guter Zeitpunkt nachzufragen: {who}",
    },
    value_add: LockText {
        discreet: "Etwas Neues kann gezeigt werden.",
        named: "Zeigen, was neu ist: {who}",
    },
    fulfil: LockText {
        discreet: "Etwas Versprochenes ist fällig.",
        named: "Versprochenes schicken: {who}",
    },
    offer_nudge: LockText {
        discreet: "Eine Nachricht mit einem Datum sollte hinaus.",
        named: "Vom Termin erzählen: {who}",
    },
    debrief: LockText {
        discreet: "Ein kurzer Anruf steht an.",
        named: "Erzählen, wie es lief: {who}",
    },
    ack_offer: LockText {
        discreet: "Eine kurze Antwort steht an.",
        named: "Eingang bestätigen: {who}",
    },
    respond_offer: LockText {
        discreet: "Eine Antwort von Ihnen steht an.",
        named: "Antwort geben: {who}",
    },
    gracious_reply: LockText {
        discreet: "Eine freundliche Antwort täte gut.",
        named: "Eine freundliche Antwort: {who}",
    },
    ask_new_slot: LockText {
        discreet: "Ein Termin will gefunden werden.",
        named: "Um einen neuen Termin bitten: {who}",
    },
    no_show_ping: LockText {
        discreet: "Jemand wartet vielleicht auf ein Zeichen.",
        named: "Fragen, was los war: {who}",
    },
    apologise: LockText {
        discreet: "Eine kurze Nachricht eilt.",
        named: "Um Entschuldigung bitten: {who}",
    },
    withdrawal: LockText {
        discreet: "Eine höfliche Nachricht steht an.",
        named: "Höflich zurückziehen: {who}",
    },
    custom: LockText {
        discreet: "Eine eigene Erinnerung ist fällig.",
        named: "Ihre Erinnerung: {who}",
    },
    prep_close: LockText {
        discreet: "Drei Fragen, bevor Sie gehen: Wer ist als Nächstes dran? Was soll ich schicken? \
                   Wann höre ich etwas?",
        named: "{who}: Wer ist als Nächstes dran? Was soll ich schicken? Wann höre ich etwas?",
    },
    log_debrief: LockText {
        discreet: "Wie ging es aus? Zehn Sekunden, auch ohne Netz.",
        named: "{who}: Wie ging es aus? Zehn Sekunden, auch ohne Netz.",
    },
    legal_notice: LockText {
        discreet: "Es gibt etwas Wissenswertes.",
        named: "Gut zu wissen: {who}",
    },
    close_out: LockText {
        discreet: "Zeit, den Kopf frei zu machen.",
        named: "Zeit loszulassen: {who}",
    },
};
