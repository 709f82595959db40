/*
 * Links from one sender to one recipient: the sender makes keys of two rooms over them, prekeys change, clients crash and are restored
 * from backups, the server lies or is restored, and a thief copies what a client has. README.md says what is modelled. All rules are
 * macros of rules.pml, which is made from cases.json.
 */
#include "rules.pml"

/* Keys of each room while anything may happen. Two more of the first room follow when nothing else happens. */
#ifndef KEYS
#define KEYS 1
#endif
/* Prekeys that the recipient makes. */
#ifndef PREKEYS
#define PREKEYS 1
#endif
/* Crashes of the sender. */
#ifndef CRASHES
#define CRASHES 0
#endif
/* Answers in which the server lies. */
#ifndef LIES
#define LIES 0
#endif
/* Backups to which the server is restored. */
#ifndef RESTORES
#define RESTORES 0
#endif
/* Backups of profiles that are put into use. */
#ifndef COPIES
#define COPIES 0
#endif
/* Ends of the sender's time with a link: 90 minutes. */
#ifndef DAYS
#define DAYS 0
#endif
/* Reviews that age the recipient's links: to two hours, and to two weeks. */
#ifndef PERIODS
#define PERIODS (2 * DAYS)
#endif
/* Times at which the recipient forgets the steps that it skipped. */
#ifndef FORGETS
#define FORGETS 0
#endif
/* Thefts of what a client has. */
#ifndef THEFTS
#define THEFTS 0
#endif

#define ROOMS 2
/* Links that the sender can open: more than it needs, and the model shows that. */
#define LINKS 6
#define ALL_KEYS (ROOMS * KEYS + 2)
#define last_key (ALL_KEYS - 1)
#define bit(c) (1 << (c))
#define has(mask, c) (((mask) >> (c)) & 1)

/* What a room of the sender does. */
#define idle 0
#define opening 1  /* a link is opened and stored, its opening was not sent; only one room at a time */
#define ready 2    /* there is a link */
#define wrapped 3  /* the key is wrapped and the link stored, the wrap was not sent */

/* Links, steps and prekeys are numbered from 1; 0 is none. */
typedef Room {
  byte phase;
  byte link; /* of the wrap */
  byte step;
  byte made; /* keys that are on the log */
};
typedef Wrap { byte link; byte step; byte slot };

/* What the server has of a wrap. */
#define slot_none 0
#define slot_waits 1
#define slot_erased 2

/* The sender, and what is on its disk. */
Room rooms[ROOMS];
byte link;        /* the link in use */
byte step = 1;    /* its next step */
byte stored_link;
byte stored_step = 1;
byte old;         /* links that are 90 minutes old by the sender's clock */
byte seen;        /* the latest prekey that the sender has seen */
byte links;       /* links that were opened */
bool turn;        /* a room opens a link */

/* The server, and what it has ever had. */
byte row[LINKS + 1];
short sent[LINKS + 1];  /* steps of a link for which there was a wrap */
byte prekey_of[LINKS + 1];
byte ever;              /* links whose opening it has had */
Wrap wraps[ALL_KEYS];
byte on_log;            /* keys that were appended */
byte listed = 1;        /* the recipient's prekey */
bool grace;             /* links to the prekey before are taken, too */

/* The recipient, and what is on its disk. */
byte made = 1;          /* prekeys that were made */
byte own = 2;           /* private halves that it has */
byte held_links;
byte erased_links;      /* links that it had */
byte next[LINKS + 1];   /* the step after the latest one that was opened */
short skipped[LINKS + 1];
byte served[LINKS + 1]; /* of the domain `served` */
#if FORGETS > 0
byte settled[LINKS + 1]; /* the next step when the recipient forgot the last time */
byte forgets = FORGETS;
#define settle(l) settled[l] = next[l]
#else
#define settle(l) skip
#endif
byte secrets;           /* keys whose secret it has */
byte opened;            /* those of them that came over a link */
byte stored_links;
byte stored_secrets;

/* The thief. */
byte stolen_links;
byte stolen_prekey;     /* the latest prekey of which it has the private half */
bool day_over;          /* so much has passed on the sender's clock since the theft */

bool disturbed;         /* the server or a backup has done what may cost keys */
bool calm;              /* nothing happens any more but what clients and server do by themselves */
byte crashes = CRASHES;
byte lies = LIES;
byte restores = RESTORES;
byte copies = COPIES;
byte days = DAYS;
byte periods = PERIODS;
byte thefts = THEFTS;
byte broken;

hidden byte i, k, p, s, result;

#define require(property, condition) if :: (condition) -> skip :: else -> broken = property; assert(broken != property) fi

/* In a replay only the events of the script happen, in their order. */
#ifdef REPLAY
byte place;
#define may(kind, about) (place < script_length && script(place) == kind && script_about(place) == (about))
#define did(kind, about) place++; printf("event %d %d\n", kind, about)
#else
#define may(kind, about) true
#define did(kind, about) printf("event %d %d\n", kind, about)
#endif

/* The number of a room's next key. The last two follow when all is calm, and the very last one when the recipient has read the others. */
#define next_key(r) (rooms[r].made < KEYS -> (r) * KEYS + rooms[r].made : ROOMS * KEYS + rooms[r].made - KEYS)
#define may_make(r) (rooms[r].made < KEYS || ((r) == 0 && calm && rooms[r].made < KEYS + 2 && (rooms[r].made == KEYS || is_settled)))
#define end_of_sender (link == 0 -> kept_missing : kept_held)
#define has_link (sender_uses(end_of_sender, (has(old, link) -> age_old : age_young)) == uses_own_link)
#define takes_shown(q) (prekey_usable((q) > seen -> shown_later : ((q) == seen -> shown_same : shown_earlier)) == usable_yes)
#define may_open(r) (rooms[r].phase == idle && may_make(r) && !has_link && !turn)
#define listed_as(q) ((q) == listed -> listed_present : (grace && (q) + 1 == listed -> listed_in_grace : listed_earlier))
#define link_of(l) (has(held_links, l) -> link_held : (has(erased_links, l) -> link_erased : link_absent))
#define half_of(l) (has(own, prekey_of[l]) -> half_held : half_erased)
#define step_of(l, n) ((n) == next[l] -> step_next : ((n) > next[l] -> step_later : (has(skipped[l], n) -> step_skipped : step_used)))
#define is_read (secrets == on_log)
#define is_settled (is_read && rooms[1].made == KEYS && listed == made && !any_link(is_waiting))
#define is_waiting(l) (row[l] == row_waiting)
#define wraps_over(r, l) (rooms[r].phase == wrapped && rooms[r].link == (l))
#define in_use(l) (((link == (l) || stored_link == (l)) && !has(old, l)) || wraps_over(0, l) || wraps_over(1, l))
#define halves (has(own, 1) + has(own, 2) + has(own, 3) + has(own, 4))
#define any_link(test) (test(1) || test(2) || test(3) || test(4) || test(5) || test(6))
/* An opening to the prekey before the present one waits. */
#define is_for_before(l) (is_waiting(l) && prekey_of[l] == made - 1)
#define is_served(l) (served[l] != served_fresh)

/* The recipient stores its state. */
inline store() { stored_links = held_links; stored_secrets = secrets }

/* Nothing that was read can be opened again with the recipient's end of its link. */
inline check_past() {
  k = 0;
  do
  :: k < ALL_KEYS ->
     s = wraps[k].link;
     if
     :: has(opened, k) && !has(own, prekey_of[s]) && has(held_links, s) ->
        require(property_reads_back, wraps[k].step < next[s] && !has(skipped[s], wraps[k].step))
     :: else -> skip
     fi;
     k++
  :: else -> break
  od;
  skip
}

inline erase_link(l) {
  if
  :: has(held_links, l) ->
     held_links = held_links & ~bit(l); erased_links = erased_links | bit(l);
     next[l] = 0; skipped[l] = 0; served[l] = 0
  :: else -> skip
  fi
}

/* The recipient says that it cannot use a link. */
inline report(l) {
  erase_link(l); store();
  if :: row[l] == row_waiting || row[l] == row_read -> row[l] = row_lost :: else -> skip fi
}

/* The recipient gets the opening of a link. It confirms one that it has stored, when it gets it the next time. */
inline get_opening(l) {
  result = opening_takes(link_of(l), half_of(l));
  if
  :: result == takes_accepted ->
     require(property_set_back, !has(held_links | erased_links, l));
     held_links = held_links | bit(l); next[l] = 1; skipped[l] = 0; served[l] = served_fresh;
#ifdef CONFIRMS_BEFORE_SAVE
     require(property_lost_secret, !is_waiting(l) || has(stored_links, l))
#else
     store()
#endif
  :: result == takes_known ->
     require(property_lost_secret, has(stored_links, l));
     if :: is_waiting(l) -> row[l] = row_read :: else -> skip fi
  :: else ->
     require(property_needless_loss, disturbed);
     report(l)
  fi
}

/* Another member gives the key. */
inline ask(lost) {
  require(property_needless_loss, disturbed);
  secrets = secrets | bit(lost); store()
}

/* The recipient gets the wrap of key `other` as that of key `wanted`. */
inline get_wrap(wanted, other) {
  p = wraps[other].link; i = wraps[other].step;
  result = wrap_opens(link_of(p), step_of(p, i));
  if
  :: result == opens_yes && (wanted) == (other) ->
     secrets = secrets | bit(wanted); opened = opened | bit(wanted); store();
#ifndef KEEPS_STEPS
     if
     :: i >= next[p] ->
        do
        :: next[p] < i -> skipped[p] = skipped[p] | bit(next[p]); next[p]++
        :: else -> break
        od;
        next[p] = i + 1
     :: else -> skipped[p] = skipped[p] & ~bit(i)
     fi;
#endif
     check_past()
  :: result == opens_yes -> ask(wanted)
  :: else ->
     result = wrap_reports(link_of(p), step_of(p, i));
     if :: result == reports_lost -> report(p) :: else -> skip fi;
     ask(wanted)
  fi
}

/* The sender opens a link to a prekey. */
inline new_link(r, prekey) {
  require(property_reads_on, stolen_prekey == 0 || (prekey) > stolen_prekey || seen <= stolen_prekey);
  if :: (prekey) > seen -> seen = prekey :: else -> skip fi;
  links++; prekey_of[links] = prekey;
  link = links; step = 1; stored_link = link; stored_step = 1;
  turn = 1; rooms[r].phase = opening
}

/* A key is on the log, with its wrap if there is one. */
inline append(r, l, n) {
  k = next_key(r);
  wraps[k].link = l; wraps[k].step = n; wraps[k].slot = ((l) == 0 -> slot_none : slot_waits);
  on_log = on_log | bit(k);
  rooms[r].made++; rooms[r].phase = idle; rooms[r].link = 0; rooms[r].step = 0
}

/* One room of the sender. */
proctype room(byte r) {
end_room:
  do
  :: d_step { may(event_uses_link, r) && rooms[r].phase == idle && may_make(r) && has_link && !turn -> did(event_uses_link, r);
#ifdef SAVES_AFTER_SENDING
       stored_step = step;
#endif
       rooms[r].phase = ready }
  /* The server shows the present prekey, or in a lie the one before. */
  :: d_step { may(event_opens, r) && may_open(r) && takes_shown(listed) -> did(event_opens, r);
       require(property_impossible_case, links < LINKS);
       new_link(r, listed) }
  :: d_step { may(event_opens_to_earlier, r) && lies > 0 && may_open(r) && links < LINKS && listed > 1 && takes_shown(listed - 1) -> did(event_opens_to_earlier, r);
       lies--; disturbed = 1; new_link(r, listed - 1) }
  /* The server shows no prekey that the sender takes: the recipient gets no wrap. */
  :: d_step { may(event_leaves_out, r) && may_open(r) && !takes_shown(listed) -> did(event_leaves_out, r);
       append(r, 0, 0) }
  :: d_step { may(event_sends_opening, r) && rooms[r].phase == opening -> did(event_sends_opening, r);
       turn = 0;
       if
       :: put_stored(listed_as(prekey_of[link])) == stored_yes ->
          require(property_unread_opening, has(own, prekey_of[link]) || disturbed);
          row[link] = row_waiting; ever = ever | bit(link); rooms[r].phase = ready
       :: else -> link = 0; rooms[r].phase = idle
       fi }
  :: d_step { may(event_wraps, r) && rooms[r].phase == ready && has_link && !turn -> did(event_wraps, r);
       require(property_reads_on, !has(stolen_links, link) || !day_over);
       rooms[r].link = link; rooms[r].step = step; rooms[r].phase = wrapped;
#ifdef SAVES_AFTER_SENDING
       step++ }
#else
       step++; stored_step = step }
#endif
  /* The link has got old, or another room has learnt that it is lost. */
  :: d_step { may(event_lacks_link, r) && rooms[r].phase == ready && !has_link -> did(event_lacks_link, r);
#ifdef LEAVES_OUT_WITHOUT_LINK
       append(r, 0, 0) }
#else
       rooms[r].phase = idle }
#endif
  :: d_step { may(event_sends_wrap, r) && rooms[r].phase == wrapped -> did(event_sends_wrap, r);
       p = rooms[r].link; i = rooms[r].step;
       require(property_two_secrets, !has(sent[p], i));
       sent[p] = sent[p] | bit(i);
       if
       :: put_wrap_known(row[p]) == known_yes -> append(r, p, i)
       :: else ->
          if :: link == p -> link = 0 :: else -> skip fi;
          rooms[r].phase = idle; rooms[r].link = 0; rooms[r].step = 0
       fi }
  od;
  skip
}

/* What the recipient and the server do about one link. */
proctype mail(byte l) {
end_mail:
  do
  /* At each login the recipient publishes its prekey first. */
  :: d_step { may(event_gets_opening, l) && is_waiting(l) && listed == made -> did(event_gets_opening, l); get_opening(l) }
  /* The server hands out again what it has ever had. */
  :: d_step { may(event_gets_old_opening, l) && lies > 0 && has(ever, l) && !is_waiting(l) -> did(event_gets_old_opening, l);
       lies--; disturbed = 1; get_opening(l) }
  od;
  skip
}

#define lacks(e) (has(on_log, e) && !has(secrets, e))
#define shows(e) (wraps[e].slot == slot_waits)
/* In a lie the server hands out the wrap of another key. */
#define get_other(e, f) d_step { may(event_gets_other_wrap, (e) * 8 + (f)) && lies > 0 && lacks(e) && (e) != (f) && (f) < ALL_KEYS && wraps[f].link != 0 -> did(event_gets_other_wrap, (e) * 8 + (f)); lies--; disturbed = 1; get_wrap(e, f) }

/* What the recipient and the server do about one key. */
proctype key(byte e) {
end_key:
  do
  /* The opening of the link comes first. */
  :: d_step { may(event_gets_wrap, e) && lacks(e) && shows(e) && (has(held_links, wraps[e].link) || !is_waiting(wraps[e].link)) -> did(event_gets_wrap, e);
       get_wrap(e, e) }
  :: get_other(e, 0)
  :: get_other(e, 1)
  :: d_step { may(event_asks, e) && lacks(e) && !shows(e) -> did(event_asks, e); ask(e) }
  :: d_step { may(event_gets_no_wrap, e) && lies > 0 && lacks(e) && shows(e) -> did(event_gets_no_wrap, e);
       lies--; disturbed = 1; ask(e) }
  :: d_step { may(event_confirms_wrap, e) && has(opened, e) && shows(e) -> did(event_confirms_wrap, e);
       require(property_lost_secret, has(stored_secrets, e));
       wraps[e].slot = slot_erased }
  od;
  skip
}

#ifdef ERASES_IN_GRACE
#define in_grace false
#else
#define in_grace grace
#endif

/* The recipient's prekeys. */
proctype ring() {
end_ring:
  do
  /* A new one, which the server lists at once. With an honest server the one before the present one was erased long ago. */
  :: d_step { may(event_changes_prekey, 0) && !calm && made < PREKEYS && (disturbed || !has(own, made - 1)) -> did(event_changes_prekey, 0);
       made++; own = own | bit(made); listed = made; grace = 1;
#ifdef ERASES_AT_CHANGE
       require(property_unread_opening, disturbed || !any_link(is_for_before));
       own = bit(made);
#endif
#ifndef WAITS_FOR_THE_SERVER
       own = own & (bit(made) | bit(made - 1));
#endif
       require(property_old_prekey, halves <= 2);
       check_past() }
  :: d_step { may(event_grace_ends, 0) && grace -> did(event_grace_ends, 0); grace = 0 }
  /* When the server takes no more openings to it, and none waits. */
  :: d_step { may(event_erases_prekey, 0) && made > 1 && has(own, made - 1) && !any_link(is_for_before) && !in_grace -> did(event_erases_prekey, 0);
       own = own & ~bit(made - 1); check_past() }
  /* At each login. */
  :: d_step { may(event_publishes, 0) && listed != made -> did(event_publishes, 0); listed = made; grace = 0 }
  od;
  skip
}

/* The recipient reviews its links. */
inline review() {
  i = 1;
  do
  :: i <= LINKS ->
     if
     :: has(held_links, i) && !in_use(i) ->
        if :: served[i] < served_overdue -> served[i]++ :: else -> skip fi;
        result = review_stays(served[i], (is_read -> waits_no : waits_yes));
        if :: result == stays_no -> erase_link(i) :: else -> skip fi;
        require(property_stays_skipped, !has(held_links, i) || served[i] < served_overdue)
     :: else -> skip
     fi;
     i++
  :: else -> break
  od;
  store()
}

/* The recipient forgets the steps that it had skipped when it did so the last time, and has skipped still. */
inline forget() {
  i = 1;
  do
  :: i <= LINKS ->
#ifdef FORGETS_SKIPPED_AT_ONCE
     skipped[i] = 0;
#else
     skipped[i] = skipped[i] & ~(bit(settled[i]) - 1);
#endif
     settle(i);
     i++
  :: else -> break
  od;
  store()
}

/* The wrap of a step that was skipped the last time. It is sent before the next time, a minute later or more, or never. */
#define is_under_way(r) (rooms[r].phase == wrapped && rooms[r].step < settled[rooms[r].link])

/* The sender begins anew with what is on its disk. */
inline restart() {
  turn = 0; i = 0;
  do
  :: i < ROOMS -> rooms[i].phase = idle; rooms[i].link = 0; rooms[i].step = 0; i++
  :: else -> break
  od;
  skip
}

/* Openings and wraps that were erased are there again. */
inline begin_restore() {
  restores--; disturbed = 1; grace = 0; i = 1;
  do
  :: i <= links -> if :: has(ever, i) -> row[i] = row_waiting :: else -> skip fi; i++
  :: else -> break
  od;
  i = 0;
  do
  :: i < ALL_KEYS -> if :: wraps[i].slot == slot_erased -> wraps[i].slot = slot_waits :: else -> skip fi; i++
  :: else -> break
  od;
  skip
}

#ifdef ERASES_UNREAD
#define is_delivered (!any_link(is_waiting))
#else
#define is_delivered (!any_link(is_waiting) && (is_read || !any_link(is_served)))
#endif

/* What happens to clients and server. */
proctype world() {
end_world:
  do
  :: d_step { may(event_day, 0) && days > 0 && link != 0 -> did(event_day, 0);
       days--; old = bit(links + 1) - 2; day_over = (stolen_links != 0) }
  /* An honest server has delivered openings when links are served, and wraps too when they are overdue. */
  :: d_step { may(event_period, 0) && periods > 0 && held_links != 0 && (disturbed || is_delivered) -> did(event_period, 0);
       periods--; review() }
#if FORGETS > 0
  :: d_step { may(event_forgets, 0) && forgets > 0 && is_read && (disturbed || (!is_under_way(0) && !is_under_way(1))) -> did(event_forgets, 0);
       forgets--; forget() }
#endif
  :: d_step { may(event_sender_crashes, 0) && crashes > 0 -> did(event_sender_crashes, 0);
       crashes--; link = stored_link; step = stored_step; restart() }
  /* A copy of the sender's profile from just after the link was opened. A login that replaces the other copy erases the links. */
  :: d_step { may(event_sender_copied, 0) && copies > 0 && link != 0 -> did(event_sender_copied, 0);
       copies--;
#ifdef KEEPS_LINKS_OF_COPY
       step = 1; stored_step = 1;
#else
       link = 0; stored_link = 0;
#endif
       restart() }
  /* An empty profile of the recipient's identity. */
  :: d_step { may(event_recipient_copied, 0) && copies > 0 -> did(event_recipient_copied, 0);
       copies--; disturbed = 1;
       i = 1;
       do
       :: i <= LINKS -> next[i] = 0; skipped[i] = 0; served[i] = 0; settle(i); i++
       :: else -> break
       od;
       held_links = 0; erased_links = 0; secrets = 0; opened = 0; store();
       made++; own = bit(made); listed = made; grace = 1 }
  /* A backup from before all links; one from before they were read; one from before the latest one and the prekey. */
  :: d_step { may(event_restored, 0) && restores > 0 && links > 0 -> did(event_restored, 0);
       begin_restore(); i = 1;
       do
       :: i <= LINKS -> row[i] = row_none; i++
       :: else -> break
       od;
       skip }
  :: d_step { may(event_restored, 1) && restores > 0 && links > 0 -> did(event_restored, 1);
       begin_restore() }
  :: d_step { may(event_restored, 2) && restores > 0 && links > 0 -> did(event_restored, 2);
       begin_restore(); row[links] = row_none;
       if :: listed > 1 -> listed-- :: else -> skip fi }
  :: d_step { may(event_theft, 0) && thefts > 0 && (link != 0 || stored_link != 0) -> did(event_theft, 0);
       thefts--; if :: link != 0 -> stolen_links = bit(link) :: else -> skip fi;
       if :: stored_link != 0 -> stolen_links = stolen_links | bit(stored_link) :: else -> skip fi }
  /* The thief of the recipient has with the server's data also the links that were opened to the prekeys. */
  :: d_step { may(event_theft, 1) && thefts > 0 -> did(event_theft, 1);
       thefts--; stolen_links = held_links; stolen_prekey = made;
       i = 1;
       do
       :: i <= links -> if :: has(ever, i) && has(own, prekey_of[i]) -> stolen_links = stolen_links | bit(i) :: else -> skip fi; i++
       :: else -> break
       od;
       skip }
  /* From now on nothing happens but what the protocol does by itself. */
  :: d_step { may(event_calm, 0) && !calm -> did(event_calm, 0);
       calm = 1; crashes = 0; lies = 0; restores = 0; copies = 0; days = 0; periods = 0; thefts = 0 }
  od;
  skip
}

/* In the end the recipient has every key, and the last one came over a link. */
proctype judge() {
end_judge:
  timeout && calm && may(event_ends, 0) ->
  d_step {
    did(event_ends, 0);
    require(property_no_new_link, is_read && rooms[0].made == KEYS + 2 && rooms[1].made == KEYS && has(opened, last_key)) }
}

init {
  byte n;
  atomic {
    run room(0); run room(1); run ring(); run world(); run judge();
    n = 1;
    do
    :: n <= LINKS -> run mail(n); n++
    :: else -> break
    od;
    n = 0;
    do
    :: n < ALL_KEYS -> run key(n); n++
    :: else -> break
    od
  }
}
