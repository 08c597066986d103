"""The words of the invented notes: sentences by criterion and level, and stories that fill their gaps. Nobody in them is real.

A sentence of level 3 follows one of level 2, as the anchors of the rubrics build on one another; level 0 is silence. Telephone
numbers are of the ranges that Ofcom keeps for drama.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """The sentences of one criterion: those of level 1, those of level 2, what level 3 adds; `none` makes it not applicable."""

    one: tuple[str, ...]
    two: tuple[str, ...]
    three: str
    none: str = ""


ESCALATION: Mapping[str, Wording] = {
    "trigger_recognised": Wording(
        ("Looking back over the month there had been {change}.", "Some change noted: {change}."),
        (
            "{day}, {time}: {who} rang to report {change}; taken as a reason to act today.",
            "Came to light on {day} at {time} through {who}: {change}. This is new and calls for a decision today.",
        ),
        'The safety plan names "{sign}" as an early sign and says to {step}; that is what is happening now.',
    ),
    "situation_and_change": Wording(
        ("Background as before: {history}.", "Worried about how things are, {change}, not clear for how long."),
        (
            "What is new: {change}, {since}, reported by {who}.",
            "Compared with the last visit: {change}. It began {since}; {who} saw it first.",
        ),
        'Their own account: "{words}" {family} says: "{said}"',
    ),
    "options_weighed": Wording(
        ("Thought of {a}.", "Could have {a}, or wait, or something else."),
        (
            "Considered {a}, or {b}; {a} is preferred because {why}.",
            "Two ways were discussed, {b} and {a}; the second is taken because {why}.",
        ),
        "Against {b}: {why_not}. Against waiting: {why_not_wait}. What is planned is the least restrictive of the three.",
    ),
    "decision_and_reason": Wording(
        ("Decision: {a}, medium risk.", "To have {a} in view of presentation."),
        (
            "Decided by {decider} at {later} on {day}: {a}, because {reason}.",
            "{later} on {day}, {decider} decided on {a}. The reason: {reason}.",
        ),
        "This follows from the formulation, {formulation}; {turn} would change the decision.",
    ),
    "told_and_response": Wording(
        ("Message left.", "Referral sent to {told}."),
        ("Told {told} at {later}, who answered: {reply}.", "Spoke to {told} at {later}. Their answer: {reply}."),
        "Until then {meanwhile}; if nothing has happened by {latest}, {rung}.",
    ),
    "deviation_and_review": Wording(
        ("Review soon.", "Will be reviewed; the pathway was not followed in full."),
        ("Review on {review} by {owner}. {deviation}", "To be looked at again on {review}, {owner} leads. {deviation}"),
        "The review was held on {review}: {outcome}.",
    ),
}

CRISIS_PLAN: Mapping[str, Wording] = {
    "exists_and_current": Wording(
        ("The crisis plan of {old} is still on file.", "Crisis plan on file, last looked at in {old}."),
        ("Crisis plan reviewed on {made}, after the last crisis.", "The crisis plan was made anew on {made}."),
        "It had been looked at again when the medicine changed and when a new worker took over.",
    ),
    "made_with_the_person": Wording(
        ("Discussed with the person and signed.", "The person is aware of the plan."),
        (
            'In their own words: "{wish}" A copy was given on {made}.',
            'They asked for this: "{wish}" Copy handed over on {made}.',
        ),
        'Gone through together after it was last used; what they learned: "{learned}"',
    ),
    "signs_and_routes": Wording(
        (
            "Signs: low mood, not coping. Contact the team.",
            "Early signs as in the leaflet. Ring the team in working hours.",
        ),
        (
            "Their own signs: {sign}, and {sign_two}. In working hours ring the team on 01632 960 114, out of hours the crisis line on "
            "01632 960 200.",
            "It begins with {sign}, then {sign_two}. Day: the team, 01632 960 114. Night and weekend: the crisis line, 01632 960 200.",
        ),
        "The team rings back within two hours; the crisis line answers at once and can visit within four.",
    ),
    "coping_and_safety": Wording(
        ("Use distraction and seek help if needed.", "Advised to use coping strategies."),
        (
            "What has helped before: {cope}. To make things safer: {safer}.",
            "Steps they chose: {cope}. Surroundings: {safer}.",
        ),
        "{helper} helps with each of these, and the steps are looked at again at every review.",
    ),
    "carers_and_dependants": Wording(
        ("{carer} is involved.", "{carer} is next of kin."),
        (
            "{carer} may be told of the plan and the medicine, comes over in a crisis, and is reached on the mobile in the contacts. "
            "{children}",
            "With consent, {carer} knows the whole plan, will stay the night if needed, number in the contacts. {children}",
        ),
        "{carer} was given the plan on {made} and was offered a carer's assessment.",
        "There are no carers, children or other dependants.",
    ),
    "findable_and_consistent": Wording(
        ("An older version with another number is on file, too.", "The plan is in the letters folder, no review date."),
        (
            "This is the one version in force, kept under crisis plans; next review {review}.",
            "The older version is withdrawn; this one stands under crisis plans, review due {review}.",
        ),
        "Shared with the crisis team on {made} and with the GP on {shared}.",
    ),
}

SAFEGUARDING: Mapping[str, Wording] = {
    "concern": Wording(
        ("Concerns about home.", "Something about {at_risk} was mentioned in passing."),
        (
            "Concern raised by {raiser} on {day}: {what}. At risk: {at_risk}. Kind of harm: {harm}.",
            "On {day} {raiser} told us of {what}. The person at risk is {at_risk}; possible {harm}.",
        ),
        "It is the third report since the spring ({pattern}); {others}.",
    ),
    "evidence": Wording(
        ("It is obvious that there is {harm} in that household.", "This is plainly {harm}."),
        (
            'Seen on the visit: {seen}. Reported by {raiser}: "{reported}" My conclusion: {conclusion}.',
            'What I saw: {seen}. What {raiser} said: "{reported}" What I make of it: {conclusion}.',
        ),
        "Not known so far: {unknown}. What speaks against it: {against}.",
    ),
    "immediate_actions": Wording(
        ("Advice given.", "Steps were taken to keep everyone safe."),
        (
            "At once: {did}, by the allocated worker on {day} at {time}; safe afterwards, as {safe}.",
            "{day}, {time}: the allocated worker {did_past}. Safe afterwards: {safe}.",
        ),
        "Police and an ambulance were weighed and not called, since {weighed}.",
    ),
    "voice_and_consent": Wording(
        ("Was spoken to.", "Seen, appeared well."),
        (
            'Seen alone and asked what should happen: "{voice}" Basis for acting: {basis}.',
            'In private they said: "{voice}" We act on this basis: {basis}.',
        ),
        "This wish is why {shaped}; an advocate was considered, and {advocate}.",
    ),
    "rationale_against_threshold": Wording(
        ("Threshold met.", "Does not meet threshold."),
        (
            "Held against {threshold}: met, because {because}.",
            "{threshold} was read beside the facts: it is met, because {because}.",
        ),
        "{partner} first disagreed; after a call between managers on {day} the view is shared.",
    ),
    "follow_up": Wording(
        ("Will monitor.", "To keep an eye on this."),
        (
            "Referred on {day}, receipt confirmed the day after, outcome: {outcome}. Next: {then} on {review}, {owner}.",
            "Referral of {day} was acknowledged and came to this: {outcome}. {owner} does the next step on {review}: {then}.",
        ),
        "{raiser} was told the outcome, and the plan now has {change_of_plan}.",
    ),
}

WORDINGS: Mapping[str, Mapping[str, Wording]] = {
    "escalation_rationale": ESCALATION,
    "crisis_plan_currency": CRISIS_PLAN,
    "safeguarding_documentation": SAFEGUARDING,
}

DEVIATIONS = (
    "The agreed pathway was followed throughout.",
    "The visit within a day was left out, because they are staying with a relative until then; agreed with the manager.",
    "Pathway followed but for the joint visit, which they declined; the reason is in the entry above.",
)

STORIES: Mapping[tuple[str, str], tuple[Mapping[str, str], ...]] = {
    ("escalation_rationale", "adult"): (
        {
            "who": "their sister", "change": "no sleep for three nights and pacing in the flat", "since": "since Sunday",
            "history": "lives alone, several admissions, depot every two weeks", "sign": "two nights without sleep",
            "step": "ring the team the same day and move to their sister's", "words": "I can hear them through the wall again.",
            "family": "Their sister", "said": "It looks like the week before the last admission.",
            "a": "an assessment by home treatment today", "b": "an extra visit tomorrow", "why": "the change is fast and they want it",
            "why_not": "a night is too long at this speed", "why_not_wait": "waiting led to the section in spring",
            "reason": "sleep has gone and the voices are back within a week of the missed depot",
            "formulation": "relapse follows missed medicine and a row at home", "turn": "a second night without sleep",
            "told": "the home treatment shift lead", "reply": "accepted, two nurses at 18:00",
            "meanwhile": "their sister stays and holds the medicine", "rung": "ring the night co-ordinator",
            "outcome": "sleeping again, home treatment steps down on Friday",
        },
        {
            "who": "the pharmacist", "change": "two weeks of medicine not collected and no answer at the door",
            "since": "since the first of the month", "history": "long-standing illness, shared house, earlier self-neglect",
            "sign": "not collecting medicine", "step": "visit unannounced within a day", "words": "I feel better without it.",
            "family": "The housemate", "said": "The bins and the post have been left for days.",
            "a": "an unannounced visit by two workers today", "b": "a letter with a new appointment",
            "why": "letters have not been opened", "why_not": "the post lies unopened",
            "why_not_wait": "self-neglect was serious last winter",
            "reason": "the pattern of last winter is back and nobody has seen them for nine days",
            "formulation": "withdrawal comes before neglect", "turn": "seeing them well and eating",
            "told": "the duty psychiatrist", "reply": "agrees, will see them tomorrow at ten if they are found unwell",
            "meanwhile": "the housemate rings if they come in", "rung": "ask for a warrant through the duty AMHP",
            "outcome": "found thin but well, medicine restarted under supervision",
        },
        {
            "who": "the crisis line", "change": "a call at night saying that life is not worth it, with tablets saved up",
            "since": "since the benefit letter on Thursday", "history": "recurrent depression, two overdoses in earlier years",
            "sign": "saving up tablets", "step": "ring the team and hand the tablets to the pharmacy",
            "words": "I counted them and then I rang.", "family": "The partner", "said": "I did not know how bad it was.",
            "a": "a joint visit with the crisis team this afternoon", "b": "a call each day this week",
            "why": "there are means in the house", "why_not": "a call does not take the tablets away",
            "why_not_wait": "the last overdose was a day after such a call",
            "reason": "there are a plan, means and a fresh loss, and they ask for help",
            "formulation": "shame about money turns into thoughts of death", "turn": "the tablets being handed in",
            "told": "the crisis team co-ordinator", "reply": "visiting with me at 16:30",
            "meanwhile": "the partner sits with them", "rung": "take them to the emergency department together",
            "outcome": "tablets handed in, debt adviser involved, calls go on until Friday",
        },
        {
            "who": "the hostel's support worker", "change": "talk of being followed and a knife kept under the pillow",
            "since": "for about ten days", "history": "first episode last year, hostel since March",
            "sign": "keeping something by the bed for protection", "step": "offer a quiet room and a same-day review",
            "words": "They change the number plates.", "family": "The mother", "said": "He rang me at four to say goodbye.",
            "a": "a medical review at the hostel today", "b": "a place in the crisis house",
            "why": "they will talk to the doctor they know", "why_not": "a strange place frightens them more",
            "why_not_wait": "other residents are at risk",
            "reason": "fear is rising, there is a weapon within reach, and they still trust the doctor",
            "formulation": "fear grows when sleep and cannabis go wrong together", "turn": "refusing the review or leaving with the knife",
            "told": "the consultant's secretary, then the consultant", "reply": "coming at 13:00, staff to keep the knife",
            "meanwhile": "staff look in each half hour", "rung": "call the police and the duty AMHP",
            "outcome": "dose raised, knife handed in, second review in three days",
        },
        {
            "who": "the ward", "change": "discharge two days earlier than planned and no contact since",
            "since": "since discharge on Friday", "history": "short admission after the separation",
            "sign": "not answering after a change", "step": "see them within two days of leaving hospital",
            "words": "I did not want to bother anyone.", "family": "The son", "said": "Dad sits in the dark.",
            "a": "a visit before noon with the son", "b": "a clinic appointment on Thursday",
            "why": "the days after discharge are the hardest", "why_not": "Thursday is past the third day",
            "why_not_wait": "nobody has seen them since Friday",
            "reason": "these are the first days after hospital and they live alone since the separation",
            "formulation": "being alone in the old house brings the thoughts back", "turn": "a stay with the son",
            "told": "the ward manager and the GP", "reply": "medicine list sent, GP rings at five",
            "meanwhile": "the son stays until we come", "rung": "ask home treatment to take over",
            "outcome": "seen, safe, weekly visits and a group from next week",
        },
    ),
    ("escalation_rationale", "children"): (
        {
            "who": "the school's safeguarding lead", "change": "four days missed and a change of clothes kept at a friend's",
            "since": "since half-term", "history": "known for years, earlier plan for neglect, moves between relatives",
            "sign": "missing school after contact weekends", "step": "see them at school the same day",
            "words": "I don't want to be there when he is.", "family": "The mother", "said": "She is just being a teenager.",
            "a": "a visit to school today and home tonight", "b": "bringing the next core group forward",
            "why": "their safety tonight is not known", "why_not": "the group meets only next week",
            "why_not_wait": "missing days came before the last injury",
            "reason": "the pattern before the last injury is back and they name a person they fear",
            "formulation": "fear at home shows first as missing school", "turn": "a safe account of the weekend",
            "told": "the team manager", "reply": "agrees, strategy discussion if the account is worrying",
            "meanwhile": "school keeps them until we come", "rung": "ring the out-of-hours team",
            "outcome": "stays with the aunt this week, strategy discussion held",
        },
        {
            "who": "the residential home", "change": "three nights out until morning and a new phone",
            "since": "for two weeks", "history": "third placement this year, earlier exploitation",
            "sign": "new things nobody paid for", "step": "share with police and hold a mapping meeting",
            "words": "They are my mates, you don't get it.", "family": "The key worker", "said": "A grey car waits at the corner.",
            "a": "an exploitation meeting within a day", "b": "a curfew in the home",
            "why": "the pull is outside the home", "why_not": "a curfew was broken each night in June",
            "why_not_wait": "the nights out are getting longer",
            "reason": "a car, a phone and nights away together are how it began last time",
            "formulation": "belonging is what they look for and what is used against them", "turn": "a named and safe adult they stay with",
            "told": "the police missing co-ordinator", "reply": "flagged, officer joins tomorrow at nine",
            "meanwhile": "the home rings every hour when they are out", "rung": "ask for a recovery order",
            "outcome": "car traced, disruption notice served, key worker stays on",
        },
        {
            "who": "the health visitor", "change": "weight loss in the baby and two missed clinics",
            "since": "since the move to the new flat", "history": "young parents, pre-birth plan closed in spring",
            "sign": "missed clinics", "step": "a joint visit within two days", "words": "He only wants the bottle at night.",
            "family": "The grandmother", "said": "They will not let me in any more.",
            "a": "a joint visit with the health visitor today", "b": "waiting for Friday's clinic",
            "why": "the weight is falling", "why_not": "four more days are too long for a baby",
            "why_not_wait": "the grandmother no longer sees the child",
            "reason": "a small baby is losing weight and the help around the family has gone",
            "formulation": "when the parents row, the feeding slips", "turn": "a weight that rises by Friday",
            "told": "the paediatric registrar", "reply": "will see the baby at two",
            "meanwhile": "the health visitor stays with them", "rung": "ring the on-call manager about a place of safety",
            "outcome": "weight up by Friday, family worker twice a week",
        },
        {
            "who": "the foster carer", "change": "wetting the bed and hiding food after contact",
            "since": "after each contact since August", "history": "in care since May, contact on Saturdays",
            "sign": "hiding food", "step": "tell the reviewing officer and look at contact",
            "words": "Mummy said I have to come home soon.", "family": "The foster carer", "said": "It takes until Wednesday.",
            "a": "supervised contact from this week", "b": "leaving contact as it is until the review",
            "why": "the distress follows contact each time", "why_not": "the review is five weeks away",
            "why_not_wait": "the placement is under strain",
            "reason": "distress follows contact and a promise was made that nobody can keep",
            "formulation": "hope and loss come with each visit", "turn": "two calm weeks after contact",
            "told": "the reviewing officer", "reply": "agrees, wants it in the plan",
            "meanwhile": "the carer keeps the diary", "rung": "bring the review forward",
            "outcome": "contact supervised, sleep better, review in two weeks",
        },
    ),
    ("crisis_plan_currency", "adult"): (
        {
            "wish": "Ring me, do not just turn up.", "learned": "The walk with the dog works if I go early.",
            "sign": "the radio on all night", "sign_two": "unpaid bills in the bread bin", "cope": "walking the dog before eight",
            "safer": "tablets in weekly packs from the pharmacy", "helper": "The neighbour", "carer": "The neighbour",
            "children": "No children; the dog goes to the neighbour.",
        },
        {
            "wish": "No hospital unless I say the word we agreed.", "learned": "I rang too late, next time on the first night.",
            "sign": "cleaning through the night", "sign_two": "ringing everyone in the phone", "cope": "the weighted blanket and one film",
            "safer": "the bank card stays with the brother", "helper": "The brother", "carer": "The brother",
            "children": "The two children go to their father, who has agreed.",
        },
        {
            "wish": "Tell my mother before you tell anyone else.", "learned": "Writing it down stopped the thoughts going round.",
            "sign": "sleeping in the day", "sign_two": "not answering the door", "cope": "the choir on Tuesdays and writing lists",
            "safer": "alcohol out of the flat, the balcony door locked at night", "helper": "The mother", "carer": "The mother",
            "children": "The daughter stays at the grandmother's meanwhile.",
        },
        {
            "wish": "Talk to me about football first, then about me.", "learned": "It passed when someone sat with me.",
            "sign": "talk of the neighbours listening", "sign_two": "tape over the window", "cope": "headphones and the allotment",
            "safer": "the tools are locked in the shed, key with the warden", "helper": "The warden", "carer": "The warden",
            "children": "There are no children.",
        },
    ),
    ("safeguarding_documentation", "adult"): (
        {
            "raiser": "the home carer", "what": "an empty fridge and a bank card that a nephew has kept since August",
            "at_risk": "the person themselves", "harm": "financial abuse", "pattern": "the pension gone within a day each time",
            "others": "nobody else lives there", "seen": "no food in the flat and a red gas bill",
            "reported": "He draws it all on the Monday.", "conclusion": "money is being taken",
            "unknown": "whether the card was lent freely", "against": "the nephew pays the rent",
            "did": "food brought in and the card stopped with the bank", "did_past": "brought food and had the card stopped",
            "safe": "there are food and heating for the week", "weighed": "no crime was in progress",
            "voice": "I want the card back but I do not want him in trouble.", "basis": "consent given, capacity not in doubt",
            "shaped": "the bank comes first and the police wait", "advocate": "one is being found",
            "threshold": "section 42 of the Care Act and the local decision guide",
            "because": "there are care needs, abuse is likely and they cannot protect themselves from it",
            "partner": "The bank", "outcome": "section 42 enquiry opened", "then": "a planning meeting", "change_of_plan": "help with money",
        },
        {
            "raiser": "the lodger's worker", "what": "a bruise the size of a hand on the upper arm",
            "at_risk": "the person themselves", "harm": "physical abuse", "pattern": "two falls that nobody saw",
            "others": "an older lodger may be at risk, too", "seen": "a bruise and a door without its lock",
            "reported": "There was shouting on Saturday.", "conclusion": "a grip, not a fall",
            "unknown": "who was in the house", "against": "they do bruise easily on this medicine",
            "did": "a GP visit the same day and a night at a friend's", "did_past": "had the GP come and found a night at a friend's",
            "safe": "the friend stays until Monday", "weighed": "they did not want it and there was no danger that night",
            "voice": "I want him to leave, not me.", "basis": "consent to refer, not to call the police",
            "shaped": "the lodger is asked to go", "advocate": "declined for now",
            "threshold": "the board's decision guide", "because": "an adult with care needs was hurt by someone in the house",
            "partner": "Housing", "outcome": "enquiry under way, lodger moved", "then": "a visit with housing",
            "change_of_plan": "a safety plan for the house",
        },
        {
            "raiser": "the school nurse", "what": "two children who put their parent to bed at night",
            "at_risk": "the two children of the person", "harm": "neglect", "pattern": "late for school each Monday",
            "others": "no other child lives there", "seen": "tidy rooms, no food for the week, the older one cooking",
            "reported": "I do the little one's packed lunch.", "conclusion": "a caring load no child should have",
            "unknown": "what happens at the weekend", "against": "they are clean, loved and at school",
            "did": "the grandmother asked to stay the week", "did_past": "asked the grandmother to stay the week",
            "safe": "an adult is there every night", "weighed": "nobody was hurt and an adult was present",
            "voice": "I like helping but I am tired.", "basis": "consent of the parent to refer",
            "shaped": "help comes to the house and the children stay", "advocate": "the young carers' service took it up",
            "threshold": "the local threshold document, level 3", "because": "needs are met only because a child meets them",
            "partner": "Children's services", "outcome": "child and family assessment started", "then": "a family meeting",
            "change_of_plan": "an early morning visit on school days",
        },
    ),
    ("safeguarding_documentation", "children"): (
        {
            "raiser": "the class teacher", "what": "the same clothes and no breakfast on three Mondays",
            "at_risk": "the child and the younger brother", "harm": "neglect", "pattern": "it follows weekends at the father's",
            "others": "the baby of the household has not been seen", "seen": "a cold kitchen and one mattress",
            "reported": "He asks for seconds and puts them in his bag.", "conclusion": "basic needs are not met at weekends",
            "unknown": "who has the care on Sundays", "against": "the flat was warm at the last visit",
            "did": "a food parcel and a heater that night", "did_past": "brought food and a heater that night",
            "safe": "the aunt stays over", "weighed": "there was no immediate danger once the aunt was there",
            "voice": "I want to stay with nan at weekends.", "basis": "consent of the mother, who has parental responsibility",
            "shaped": "weekends are at the grandmother's for now", "advocate": "one is offered through school",
            "threshold": "the partnership's threshold document, level 4", "because": "neglect is likely to cause significant harm",
            "partner": "The school", "outcome": "section 47 enquiry, not substantiated, plan strengthened", "then": "the core group",
            "change_of_plan": "weekends at the grandmother's",
        },
        {
            "raiser": "the after-school club", "what": "a mark like a belt on the younger brother's leg",
            "at_risk": "the younger brother, aged six", "harm": "physical abuse", "pattern": "marks after two of the last five weekends",
            "others": "the sister is to be seen, too", "seen": "a mark of about ten centimetres, still red",
            "reported": "He said he was naughty.", "conclusion": "an injury that someone caused",
            "unknown": "when exactly it happened", "against": "the mother says he fell on the stairs",
            "did": "a strategy discussion and a medical the same evening", "did_past": "held a strategy discussion and a medical",
            "safe": "both children are at the grandmother's", "weighed": "police came to the strategy discussion as it was",
            "voice": "I don't want Mum to be cross.", "basis": "section 47, without consent because of the risk of harm",
            "shaped": "the mother was told with a worker beside her", "advocate": "considered, and asked for",
            "threshold": "the partnership's threshold document, level 4", "because": "there is reasonable cause to suspect significant harm",
            "partner": "The hospital", "outcome": "conference convened", "then": "the initial conference", "change_of_plan": "no unsupervised contact",
        },
        {
            "raiser": "the taxi firm", "what": "a fourteen-year-old collected twice by a man nobody knows",
            "at_risk": "the young person", "harm": "sexual exploitation", "pattern": "gifts, then nights away",
            "others": "a friend from the same class goes along", "seen": "a new phone and a hotel key card",
            "reported": "She said he is her uncle, he is not.", "conclusion": "grooming is likely",
            "unknown": "who the man is", "against": "she was back by nine both times",
            "did": "the phone looked at with her and the police told", "did_past": "told the police and sat with her",
            "safe": "she is with the carers and the car is being looked for", "weighed": "officers were on the way already",
            "voice": "He listens to me.", "basis": "reason to act without consent: a child at risk",
            "shaped": "she chose which worker stays with her", "advocate": "she has met one",
            "threshold": "the exploitation screening tool and the threshold document", "because": "three of its strong indicators are there",
            "partner": "The police", "outcome": "mapping meeting held, abduction notice served", "then": "the review meeting",
            "change_of_plan": "a named worker every evening",
        },
    ),
}  # fmt: skip

DECIDERS = ("the duty senior", "the care co-ordinator with the duty senior", "the team manager")
OWNERS = ("the allocated worker", "the duty senior", "the team manager")

ROUTINE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "adult": (
        ("visit", "Seen at home as planned. Talked about the bus pass and the new washing machine. Sleep and appetite as usual. Next visit in two weeks."),
        ("phone contact", "Rang to confirm the depot on Thursday. Picked up at once, sounded well, asked about the benefits form. Form posted today."),
        ("progress note", "Letter to the GP with the blood results dictated. Repeat due in three months."),
        ("visit", "Not at home at the time agreed. Card left with the date of the next visit. Neighbour had seen them at the shop this morning."),
        ("phone contact", "Call from the housing officer: the repair of the boiler is booked. Passed on by text, answered with a thumbs up."),
        ("visit", "Walked round the park. Proud of the tomatoes on the balcony. \"This is the first summer I remember.\" No concerns on either side."),
        ("management oversight", "Case looked at in caseload supervision. Contact is regular, plan in date. No change."),
        ("progress note", "Depot given, left side, no problems. Weight 81 kg. Next due in two weeks."),
        ("care plan", "Care plan gone through together. Goals: cooking twice a week, college open day. Copy left on the fridge."),
    ),
    "children": (
        ("visit", "Statutory visit. Bedroom seen. Showed me the guinea pig and a certificate for swimming. Spoken to alone for ten minutes; nothing worrying said."),
        ("phone contact", "School rang: attendance is up to 94 per cent. Praise passed on to mum, who laughed and said the alarm clock did it."),
        ("progress note", "Contact with dad took place at the centre. Brought a kite. Left in good spirits, no upset reported afterwards."),
        ("unsuccessful visit", "Nobody in at the time agreed. Card left; mum texted an hour later, new time on Thursday."),
        ("management oversight", "Plan reviewed with the team manager. Visits are in time. Next core group as planned."),
        ("phone contact", "Health visitor: jabs are done, growth on its line. Next check in six weeks."),
        ("progress note", "Pathway plan appointment kept. Wants to try for the plumbing course; form filled in together."),
        ("visit", "Seen with brother after tea. Played a card game and cheated merrily. Mum tired but warm with both."),
    ),
}  # fmt: skip
