/*
 * Epochs of one room: several members act as the hub, users join, are invited, leave and are removed, wraps are lost, clients
 * restart, and requests arrive late. README.md says what is modelled. All rules are macros of rules.pml, which is made from
 * cases.json.
 */
#include "rules.pml"

#ifndef PEOPLE
#define PEOPLE 3
#endif
#ifndef CHANGES
#define CHANGES 2
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef RESTARTS
#define RESTARTS 1
#endif
#ifndef QUITS
#define QUITS 1
#endif
#ifndef AGES
#define AGES 0
#endif
#ifndef START
#define START 2
#endif
/* Each accepted epoch answers a change, a lost key or an old key, or is the first one. */
#define MOST_EPOCHS (2 + CHANGES + LOSSES * PEOPLE + AGES)
#define POSITIONS (1 + CHANGES + MOST_EPOCHS)

#define bit(c) (1 << (c))
#define has(mask, c) (((mask) >> (c)) & 1)

/* The state of the room after one position of the log. Users are bits. */
typedef View {
  byte present;   /* members */
  byte invited;
  byte removed;
  byte newcomers; /* joined or invited since the latest epoch */
  byte standing;
  byte epoch;     /* number of the latest epoch, 0 for none */
  byte place;     /* position of the latest epoch: two epochs of one number differ in it */
  byte changed;   /* position of the latest change of the membership */
};

/* What a client holds of the room. */
typedef Client {
  byte head;    /* position up to which it has read; 0: it does not follow the room */
  bool key;     /* it holds the secret of the latest epoch that it has read */
  bool draft;   /* the next epoch that it reads is its own */
  bool old;     /* by its clock the latest key is old */
};

/* A request that arrives after its client has restarted. */
typedef Request {
  byte by;      /* the user plus 1; 0 for no request */
  byte number;
  byte place;
  byte answers;
  byte why;
  byte makes;
  byte wraps;
  byte readers;
};

View log[POSITIONS]; /* as the members compute it */
View server;         /* as the server computes it */
byte end;            /* the latest position */

byte kinds[MOST_EPOCHS + 1];
byte made_for[MOST_EPOCHS + 1]; /* members and invited users at the membership that the epoch answers */
byte reach[MOST_EPOCHS + 1];    /* users who get the secret from the wraps that the server has */
byte known[MOST_EPOCHS + 1];    /* users who can know the secret: every wrap that was ever made for them, and every answer */
byte readers[MOST_EPOCHS + 1];  /* users who were in the room whenever a message under this epoch could be accepted */

Client clients[PEOPLE];
Client saved[PEOPLE];
byte online;
byte wrong;       /* users whose wrap of the latest epoch has another secret */
Request late;

byte changes = CHANGES;
byte losses = LOSSES;
byte restarts = RESTARTS;
byte quits = QUITS;
byte ages = AGES;
byte broken;

#define require(property, condition) if :: (condition) -> skip :: else -> broken = property; assert(broken != property) fi

#define inside(view) (view.present | view.invited)
#define presence_of(view, c) (has(view.present, c) -> presence_member : (has(view.invited, c) -> presence_invited : (has(view.removed, c) -> presence_removed : presence_outside)))
#define seen(c) log[clients[c].head]
#define follows(c) (has(online, c) && clients[c].head != 0)

/* The key of the latest epoch, as the client of a member sees it. */
#define key_of(c) (seen(c).epoch == 0 || !has(made_for[seen(c).epoch], c) -> key_not_for_me : (clients[c].key -> key_held : key_missing))
#define age_of(c) (clients[c].old && seen(c).epoch != 0 -> age_old : age_young)
#define why(c) duty_why(seen(c).standing, key_of(c), age_of(c))
#define makes(c) duty_makes(seen(c).standing, key_of(c), age_of(c))
#define wraps(c) duty_wraps(seen(c).standing, key_of(c), age_of(c))

#define reason_of(w) ((w) == why_membership -> reason_membership : reason_other)
#define kind_of(m) ((m) == makes_step -> kind_step : kind_fresh)
#define judged(column, view, number, at, membership, w, m) column(view.standing, ((number) == view.epoch + 1 -> number_next : number_other), ((at) == view.place -> previous_latest : previous_other), ((membership) == view.changed -> answers_current : answers_other), reason_of(w), kind_of(m))

/* The server has the wrap of the latest epoch that the client has read. The client fetches it before it makes another key for want of this one. */
#define has_wrap(c) (has(reach[seen(c).epoch], c) && !(has(wrong, c) && seen(c).place == log[end].place))

/* Whether the server accepts the epoch that the member would make now. A refusal changes nothing. */
#define may_make(c) (why(c) != why_nothing && !(why(c) == why_lost_key && has_wrap(c)) && has(server.present, c) && judged(epoch_server, server, seen(c).epoch + 1, seen(c).place, seen(c).changed, why(c), makes(c)) == server_accepted)
#define may_arrive (has(server.present, late.by - 1) && judged(epoch_server, server, late.number, late.place, late.answers, late.why, late.makes) == server_accepted)

#ifdef WRAPS_TO_FORMER
#define recipients(c) (wraps(c) == wraps_newcomers -> seen(c).newcomers : inside(seen(c)) | known[seen(c).epoch])
#else
#define recipients(c) (wraps(c) == wraps_newcomers -> seen(c).newcomers : inside(seen(c)))
#endif

inline copy_view(to, from) {
  to.present = from.present; to.invited = from.invited; to.removed = from.removed; to.newcomers = from.newcomers;
  to.standing = from.standing; to.epoch = from.epoch; to.place = from.place; to.changed = from.changed
}

inline copy_client(to, from) {
  to.head = from.head; to.key = from.key; to.draft = from.draft; to.old = from.old
}

inline forget(c) {
  clients[c].head = 0; clients[c].key = 0; clients[c].draft = 0; clients[c].old = 0;
  saved[c].head = 0; saved[c].key = 0; saved[c].draft = 0; saved[c].old = 0
}

/* Views that no client reads any more, and the epochs before them, are the same in all states. */
inline forget_views() {
  lowest = end; i = 0;
  do
  :: i < PEOPLE ->
     if :: clients[i].head != 0 && clients[i].head < lowest -> lowest = clients[i].head :: else -> skip fi;
     if :: saved[i].head != 0 && saved[i].head < lowest -> lowest = saved[i].head :: else -> skip fi;
     i++
  :: else -> break
  od;
  i = 0;
  do
  :: i < lowest ->
     log[i].present = 0; log[i].invited = 0; log[i].removed = 0; log[i].newcomers = 0;
     log[i].standing = 0; log[i].epoch = 0; log[i].place = 0; log[i].changed = 0; i++
  :: else -> break
  od;
  i = 0;
  do
  :: i < log[lowest].epoch -> kinds[i] = 0; made_for[i] = 0; reach[i] = 0; known[i] = 0; readers[i] = 0; i++
  :: else -> break
  od;
  skip
}

/* A message is taken for sent in every state in which the members would accept one: the worst for the property. */
inline check_readers() {
  if
  :: log[end].epoch != 0 && message_members(log[end].standing, epoch_latest) == members_accepted ->
     readers[log[end].epoch] = readers[log[end].epoch] & inside(log[end])
  :: else -> skip
  fi;
  i = 1;
  do
  :: i <= MOST_EPOCHS -> require(property_outsider_reads, (known[i] & ~readers[i]) == 0); i++
  :: else -> break
  od;
  skip
}

/* The effect of a change of the membership on one view. `seq` is its position. */
inline change_view(view, c, to, what, seq) {
  view.present = view.present & ~bit(c); view.invited = view.invited & ~bit(c); view.removed = view.removed & ~bit(c);
  if
  :: to == becomes_member -> view.present = view.present | bit(c)
  :: to == becomes_invited -> view.invited = view.invited | bit(c)
  :: to == becomes_removed -> view.removed = view.removed | bit(c)
  :: else -> skip
  fi;
  if
  :: what == effect_departure -> view.newcomers = view.newcomers & ~bit(c);
     view.standing = standing_follows(view.standing, change_departure)
  :: what == effect_invite -> view.newcomers = view.newcomers | bit(c);
     view.standing = standing_follows(view.standing, change_invite)
  :: what == effect_join ->
     /* An invitation that no epoch answers stays unanswered. */
     view.newcomers = view.newcomers | bit(c);
     view.standing = standing_follows(view.standing, change_join)
  :: else -> skip
  fi;
  view.changed = seq
}

/* Appends a change that the server accepts. */
inline append_change(c, act_) {
  copy_view(log[end + 1], log[end]);
  before = presence_of(server, c);
  target = person_becomes(before, act_); effect = person_effect(before, act_);
  change_view(server, c, target, effect, end + 1);
  before = presence_of(log[end], c);
  if
  :: person_members(before, act_) == members_accepted ->
     target = person_becomes(before, act_); effect = person_effect(before, act_);
     change_view(log[end + 1], c, target, effect, end + 1)
  :: else -> skip
  fi;
  end++;
  if
  :: act_ == act_join -> clients[c].head = end; clients[c].key = 0; clients[c].draft = 0; clients[c].old = 0;
     if :: restarts > 0 -> copy_client(saved[c], clients[c]) :: else -> skip fi
  :: else ->
     if
     :: !has(log[end].present, c) && before != presence_outside ->
        /* Nothing is handed out to a departed user any more. What was made for that user before stays known. */
        forget(c);
        made_for[log[end].epoch] = made_for[log[end].epoch] & ~bit(c);
        reach[log[end].epoch] = reach[log[end].epoch] & ~bit(c);
        wrong = wrong & ~bit(c)
     :: else -> skip
     fi
  fi;
  forget_views();
  check_readers()
}

/* Appends an epoch that the server accepts. */
inline append_epoch(by, number_, place_, answers_, why_, makes_, wraps_, readers_) {
  copy_view(log[end + 1], log[end]);
  server.standing = standing_follows(server.standing, change_epoch);
  server.newcomers = 0; server.epoch = number_; server.place = end + 1;
  if
  :: judged(epoch_members, log[end], number_, place_, answers_, why_, makes_) == members_accepted ->
     require(property_two_keys, number_ > log[end].epoch);
     kinds[number_] = kind_of(makes_);
     made_for[number_] = readers_;
     reach[number_] = wraps_ | (makes_ == makes_step -> reach[number_ - 1] : 0);
     known[number_] = wraps_ | bit(by) | (makes_ == makes_step -> known[number_ - 1] : 0);
     readers[number_] = bit(PEOPLE) - 1;
     wrong = 0;
     log[end + 1].standing = standing_follows(log[end].standing, change_epoch);
     log[end + 1].newcomers = 0; log[end + 1].epoch = number_; log[end + 1].place = end + 1
  :: else -> skip
  fi;
  end++;
  forget_views();
  check_readers()
}

inline read_next(c) {
  before = clients[c].head;
  clients[c].head++;
  if
  :: seen(c).place == clients[c].head ->
     if
     :: read_has((clients[c].draft -> draft_this : draft_other), kinds[seen(c).epoch], (clients[c].key -> before_held : before_missing)) == has_held ->
        clients[c].key = 1
     :: else -> clients[c].key = 0
     fi;
     clients[c].draft = 0;
     if :: kinds[seen(c).epoch] == kind_fresh -> clients[c].old = 0 :: else -> skip fi
  :: else -> skip
  fi;
  require(property_impossible_case, why(c) != impossible);
  forget_views()
}

/* The client stores its state before it sends an epoch. */
inline store(c) {
  if :: restarts > 0 -> copy_client(saved[c], clients[c]) :: else -> skip fi
}

inline restart(c) {
  restarts--;
  copy_client(clients[c], saved[c]);
  if
  :: restarts == 0 ->
     i = 0;
     do
     :: i < PEOPLE -> saved[i].head = 0; saved[i].key = 0; saved[i].draft = 0; saved[i].old = 0; i++
     :: else -> break
     od;
     i = 0
  :: else -> skip
  fi;
  forget_views()
}

/* A user asks a member who has the key of the latest epoch that this member has read. */
#define asker_of(view, c) (has(inside(view), c) -> (has(made_for[view.epoch], c) && !has(view.newcomers, c) -> asker_recipient : asker_newcomer) : asker_outside)
#define may_give(c, o) ((o) < PEOPLE && (o) != (c) && follows(o) && seen(o).epoch != 0 && has(server.present, c) && answer_gives(asker_of(seen(o), c), (clients[o].key -> before_held : before_missing)) == gives_yes)
#define gets_from(c, o) (follows(c) && may_give(c, o) && seen(o).place == seen(c).place && key_of(c) == key_missing)
#define learns_from(c, o) (may_give(c, o) && !has(known[seen(o).epoch], c))

#define ASK(o) \
  :: d_step { gets_from(c, o) -> \
       clients[c].key = 1; known[seen(c).epoch] = known[seen(c).epoch] | bit(c); \
       if :: seen(c).place == log[end].place -> reach[seen(c).epoch] = reach[seen(c).epoch] | bit(c); \
             wrong = wrong & ~bit(c) :: else -> skip fi; \
       check_readers() } \
  :: d_step { learns_from(c, o) -> \
       known[seen(o).epoch] = known[seen(o).epoch] | bit(c); check_readers() }

hidden byte i, lowest, before, target, effect, number, place, membership, reason, making, wrapped, audience;

proctype client(byte c) {
end_client:
  do
  :: d_step { follows(c) && clients[c].head < end -> read_next(c) }
  /* Fetches the wrap. */
  :: d_step { follows(c) && key_of(c) == key_missing && has_wrap(c) ->
       clients[c].key = 1 }
  :: d_step { follows(c) && key_of(c) == key_missing && seen(c).place == log[end].place && has(wrong, c) && secret_taken(secret_wrong) == taken_yes ->
       require(property_two_keys, false) }
  ASK(0)
  ASK(1)
#if PEOPLE > 2
  ASK(2)
#endif
#if PEOPLE > 3
  ASK(3)
#endif
  /* Makes an epoch, which arrives before the client reads on. */
  :: d_step { follows(c) && may_make(c) ->
       clients[c].draft = (judged(epoch_members, log[end], seen(c).epoch + 1, seen(c).place, seen(c).changed, why(c), makes(c)) == members_accepted);
       store(c);
       number = seen(c).epoch + 1; place = seen(c).place; membership = seen(c).changed; reason = why(c);
       making = makes(c); wrapped = recipients(c); audience = inside(seen(c));
       append_epoch(c, number, place, membership, reason, making, wrapped, audience) }
  /* Makes an epoch and restarts before it arrives. */
  :: d_step { follows(c) && restarts > 0 && late.by == 0 && may_make(c) ->
       store(c);
       late.by = c + 1; late.number = seen(c).epoch + 1; late.place = seen(c).place;
       late.answers = seen(c).changed; late.why = why(c); late.makes = makes(c);
       late.wraps = recipients(c); late.readers = inside(seen(c));
       restart(c) }
  /* The request arrives. The client recognises its epoch, or has replaced the draft meanwhile. */
  :: d_step { late.by == c + 1 && may_arrive && clients[c].head != 0 ->
       clients[c].draft = (judged(epoch_members, log[end], late.number, late.place, late.answers, late.why, late.makes) == members_accepted && seen(c).epoch < late.number);
       append_epoch(c, late.number, late.place, late.answers, late.why, late.makes, late.wraps, late.readers);
       late.by = 0; late.number = 0; late.place = 0; late.answers = 0; late.why = 0; late.makes = 0; late.wraps = 0; late.readers = 0 }
  :: d_step { late.by == c + 1 && may_arrive ->
       append_epoch(c, late.number, late.place, late.answers, late.why, late.makes, late.wraps, late.readers);
       late.by = 0; late.number = 0; late.place = 0; late.answers = 0; late.why = 0; late.makes = 0; late.wraps = 0; late.readers = 0 }
  :: d_step { late.by == c + 1 ->
       late.by = 0; late.number = 0; late.place = 0; late.answers = 0; late.why = 0; late.makes = 0; late.wraps = 0; late.readers = 0 }
  /* Stores its state, and restarts with what it has stored. */
  :: d_step { restarts > 0 && follows(c) && (clients[c].head != saved[c].head || clients[c].key != saved[c].key) ->
       store(c); forget_views() }
  :: d_step { restarts > 0 && follows(c) -> restart(c) }
  :: d_step { quits > 0 && follows(c) -> quits--; online = online & ~bit(c); forget(c); forget_views() }
  :: d_step { ages > 0 && follows(c) && !clients[c].old && seen(c).epoch != 0 -> ages--; clients[c].old = 1 }
  /* The server loses a wrap of the latest epoch, or hands out another one. */
  :: d_step { losses > 0 && log[end].epoch != 0 && has(reach[log[end].epoch], c) ->
       losses--; reach[log[end].epoch] = reach[log[end].epoch] & ~bit(c) }
  :: d_step { losses > 0 && log[end].epoch != 0 && has(reach[log[end].epoch], c) ->
       losses--; reach[log[end].epoch] = reach[log[end].epoch] & ~bit(c); wrong = wrong | bit(c) }
  /* The membership changes. The last member stays, because a room without members has ended. */
#define MAY(a) (changes > 0 && person_server(presence_of(server, c), a) == server_accepted)
#define OTHERS (server.present & ~bit(c))
  :: d_step { MAY(act_join) && has(online, c) -> changes--; append_change(c, act_join) }
  :: d_step { MAY(act_invite) && OTHERS != 0 -> changes--; append_change(c, act_invite) }
  :: d_step { MAY(act_leave) && OTHERS != 0 -> changes--; append_change(c, act_leave) }
  :: d_step { MAY(act_remove) && OTHERS != 0 -> changes--; append_change(c, act_remove) }
  :: d_step { MAY(act_decline) -> changes--; append_change(c, act_decline) }
  od
}

/* From some moment on nothing happens but what the protocol does by itself. */
proctype quiet() {
  d_step { changes = 0; losses = 0; restarts = 0; quits = 0; ages = 0; i = 0;
    do
    :: i < PEOPLE -> saved[i].head = 0; saved[i].key = 0; saved[i].draft = 0; saved[i].old = 0; i++
    :: else -> break
    od;
    i = 0 }
}

/* When nothing more can happen, each member that is connected has read the log, holds the key and may write. */
proctype judge() {
  timeout ->
  d_step {
    i = 0;
    do
    :: i < PEOPLE ->
       if
       :: follows(i) && has(server.present, i) ->
          require(property_stuck, clients[i].head == end);
          require(property_stuck, compose_sends(seen(i).standing, key_of(i)) == sends_yes);
          require(property_stuck, message_server(server.standing, epoch_latest) == server_accepted)
       :: else -> skip
       fi;
       i++
    :: else -> break
    od;
    i = 0 }
}

/* The first START users are members and hold the key; with START 1 there is only the founder, and no key yet. */
init {
  atomic {
    d_step {
      online = bit(PEOPLE) - 1;
      end = 1;
      server.present = bit(START) - 1;
      server.changed = 1;
      if
      :: START == 1 -> server.standing = standing_none
      :: else ->
         server.standing = standing_answered; server.epoch = 1; server.place = 1;
         kinds[1] = kind_fresh; made_for[1] = bit(START) - 1; reach[1] = bit(START) - 1;
         known[1] = bit(START) - 1; readers[1] = bit(START) - 1
      fi;
      copy_view(log[1], server);
      i = 0;
      do
      :: i < START -> clients[i].head = 1; clients[i].key = (START > 1); store(i); i++
      :: else -> break
      od;
      skip
    }
    run client(0); run client(1);
#if PEOPLE > 2
    run client(2);
#endif
#if PEOPLE > 3
    run client(3);
#endif
    run quiet(); run judge()
  }
}
