/*
 * The heal of a restored server: its log of a room is a beginning of what the members have read, and they give the rest back.
 * README.md says what is modelled. All rules are macros of rules.pml, which is made from cases.json.
 */
#include "rules.pml"

#ifndef PEOPLE
#define PEOPLE 3
#endif
/* Entries that were on the log before the server was restored. */
#ifndef LENGTH
#define LENGTH 3
#endif
/* New entries of the members. */
#ifndef WRITES
#define WRITES 2
#endif
/* Connections that are lost. */
#ifndef CUTS
#define CUTS 1
#endif
/* Pauses that end although a member goes on giving back. */
#ifndef TIMEOUTS
#define TIMEOUTS 1
#endif
/* Restarts of the server, without another restore. */
#ifndef RESTARTS
#define RESTARTS 0
#endif

#define bit(c) (1 << (c))
#define has(mask, c) (((mask) >> (c)) & 1)

/* What a client does on its connection. */
#define away 0
#define reading 1
#define giving 2
#define lacking 3
#define stopped 4

/*
 * Each log is a beginning of the first one, then new entries. So two numbers describe it, and two logs differ exactly if one has new
 * entries where the other one still has some of the first log.
 */
typedef Client {
  byte held;    /* entries of the first log */
  byte more;    /* new entries */
  byte kept;    /* the archive has the entries after this position, up to `held` */
  byte mode;
  byte place;   /* the end of the server's log, by its latest answer to what was given back */
  bool asked;   /* it has tried to give the whole log back on this connection */
};

byte held;      /* entries of the first log that the server has */
byte more;      /* new entries at the server */
bool gone_on;   /* the room has got a new entry since the start */
byte givers;    /* members for whom new entries wait */
bool returned;  /* entries were given back and not announced */
byte news;      /* clients that the server has informed, and that have not looked again */
byte begun;     /* members who were giving entries back from when new entries had to wait */
byte present;   /* clients that are not away for good */
byte joined;    /* position of the last user's join */
byte all_hold;  /* entries that all members hold */

Client clients[PEOPLE];
byte writes = WRITES;
byte cuts = CUTS;
byte timeouts = TIMEOUTS;
byte restarts = RESTARTS;
byte broken;

hidden byte i, p, result, outcome;

#define require(property, condition) if :: (condition) -> skip :: else -> broken = property; assert(broken != property) fi

#define end (held + more)
#define head(c) (clients[c].held + clients[c].more)
#define is_member(c) ((c) < PEOPLE - 1 || held >= joined)
#define giver_of(c) (is_member(c) -> giver_member : giver_other)
#define room_now (gone_on -> room_gone_on : room_as_restored)
/* The two logs differ within the part that both have. */
#define differs(c) (more > 0 && clients[c].held > held)
#define end_of(c) (end < head(c) -> end_shorter : end_own)
#define hash_of(c) (differs(c) -> hash_other : hash_own)
#define view_of(c) (differs(c) -> view_other : (head(c) > end -> view_beyond : view_on_log))
#define after_of(c) (clients[c].place > end -> after_beyond : (differs(c) && clients[c].place > held -> after_contradicted : (clients[c].place == end -> after_end : after_earlier)))
#define has_next(c) (clients[c].kept <= clients[c].place && clients[c].place < clients[c].held)
#define is_last(c) (has_next(c) && clients[c].place + 1 == head(c))
#define may_read(c) (clients[c].mode == reading && head(c) < end)
#ifdef NO_PAUSE
#define waits (false)
#else
#define waits (givers != 0)
#endif

inline announce() {
  if
  :: returned ->
     returned = 0;
#ifndef NO_ANNOUNCEMENT
     i = 0;
     do
     :: i < PEOPLE ->
        if :: clients[i].mode == giving || clients[i].mode == lacking -> news = news | bit(i) :: else -> skip fi;
        i++
     :: else -> break
     od;
     skip
#endif
  :: else -> skip
  fi
}

inline end_giving(c) {
  givers = givers & ~bit(c);
  if :: givers == 0 -> announce() :: else -> skip fi
}

/* The server carries out one request. `result` is its answer, of the table `answer`. */
inline restore(c, with_entry, done) {
  outcome = restore_restored(giver_of(c), after_of(c), (with_entry -> entry_next : entry_nothing), room_now);
  if
  :: outcome == restored_appended ->
     givers = givers | bit(c); begun = begun | bit(c); returned = 1;
     held++
  :: outcome == restored_ignored && with_entry && clients[c].place < end && givers != 0 ->
     givers = givers | bit(c); begun = begun | bit(c)
  :: else -> skip
  fi;
  if
  :: outcome == restored_appended || outcome == restored_ignored ->
     if :: (done) || givers == 0 -> end_giving(c) :: else -> skip fi;
     if
     :: differs(c) && end >= head(c) -> result = answer_reached_other
     :: differs(c) -> result = answer_short_other
     :: !differs(c) && end >= head(c) -> result = answer_reached
     :: else -> result = (end > clients[c].place -> answer_progress : answer_no_progress)
     fi
  :: outcome == restored_other_log -> end_giving(c); result = answer_other_log
  :: outcome == restored_entry_refused -> end_giving(c); result = answer_entry_refused
  :: else -> end_giving(c); result = answer_not_a_member
  fi
}

/* What the client does after the answer. It asks once more, with `done`, where it has not said so. */
inline go_on(c, done) {
  outcome = give_goes(result);
  if
  :: outcome == goes_on -> clients[c].place = end
  :: outcome == goes_recovered ->
     clients[c].mode = reading; clients[c].place = 0;
     if :: (done) -> skip :: else -> end_giving(c) fi
  :: outcome == goes_lacking ->
     clients[c].mode = (is_member(c) -> lacking : away); clients[c].place = 0;
     if :: (done) -> skip :: else -> end_giving(c) fi
  :: else ->
     require(property_other_log, !has(begun, c));
     clients[c].mode = stopped; clients[c].place = 0
  fi;
  if :: clients[c].mode != giving -> begun = begun & ~bit(c) :: else -> skip fi
}

inline give(c) {
  p = has_next(c);
  result = is_last(c);
  if
  :: result -> restore(c, p, true); go_on(c, true)
  :: else -> restore(c, p, false); go_on(c, false)
  fi
}

inline subscribe(c) {
  news = news & ~bit(c);
  outcome = begin_begins(end_of(c), hash_of(c));
  if
  :: outcome == begins_reads ->
     clients[c].mode = reading;
     /* Only in a planted fault: the client takes the server's log for its own. */
     if :: head(c) > end -> clients[c].held = held; clients[c].more = more; :: else -> skip fi
  :: outcome == begins_gives_back -> clients[c].mode = giving; clients[c].place = end
  :: else -> clients[c].mode = stopped
  fi
}

inline cut(c) {
  clients[c].mode = away; clients[c].place = 0; clients[c].asked = 0;
  begun = begun & ~bit(c); news = news & ~bit(c)
}

proctype client(byte c) {
end_client:
  do
  :: d_step { clients[c].mode == away && is_member(c) && has(present, c) -> subscribe(c) }
  /* The server does not know the user as a member: once on a connection the client offers the whole log. */
  :: d_step { clients[c].mode == away && !is_member(c) && has(present, c) && !clients[c].asked ->
       clients[c].asked = 1; clients[c].mode = giving; clients[c].place = 0 }
  :: d_step { clients[c].mode == giving -> give(c) }
  :: d_step { may_read(c) ->
       if
       :: clients[c].held < held && clients[c].more == 0 -> clients[c].held++
       :: else -> clients[c].more++
       fi }
  /* A client that waits looks again when others have given entries back, and when the log has reached its end. */
  :: d_step { clients[c].mode == lacking && (has(news, c) || end >= head(c)) -> subscribe(c) }
  :: d_step { clients[c].mode == reading && writes > 0 && !waits && view_server(view_of(c)) == server_accepted ->
       writes--; more++; gone_on = 1;
       require(property_lost_entry, held >= all_hold) }
  /* A dishonest member gives back what it has made itself, or what the server has. */
  :: d_step { has(present, c) && (restore_restored(giver_of(c), after_end, entry_forged, room_now) == restored_appended || restore_restored(giver_of(c), after_end, entry_repeated, room_now) == restored_appended) ->
       require(property_unsigned, false) }
  :: d_step { cuts > 0 && clients[c].mode != away && clients[c].mode != stopped -> cuts--; cut(c) }
  /* The pause ends when a member does not go on. */
  :: d_step { has(givers, c) && clients[c].mode != giving -> end_giving(c) }
  od
}

proctype server() {
end_server:
  do
  :: d_step { timeouts > 0 && givers != 0 -> timeouts--; givers = 0; begun = 0; announce() }
  :: d_step { restarts > 0 ->
       restarts--; gone_on = 0; givers = 0; returned = 0; begun = 0; news = 0; p = 0;
       do
       :: p < PEOPLE -> if :: clients[p].mode != stopped -> cut(p) :: else -> skip fi; p++
       :: else -> break
       od;
       skip }
  od
}

/* From some moment on nothing happens but what the protocol does by itself. */
proctype quiet() {
  d_step { writes = 0; cuts = 0; timeouts = 0; restarts = 0 }
}

/* Some client that is there could give the next entry back. */
#define gives_next(d) (has(present, d) && clients[d].kept <= held && held < clients[d].held && (is_member(d) || end == 0))
#if PEOPLE > 2
#define next_is_there (gives_next(0) || gives_next(1) || gives_next(2))
#else
#define next_is_there (gives_next(0) || gives_next(1))
#endif

proctype judge() {
  timeout ->
  d_step {
    p = 0;
    do
    :: p < PEOPLE ->
       if
       :: !has(present, p) -> skip
       :: has(present, p) && clients[p].mode == reading -> require(property_other_log, head(p) == end && !differs(p))
       :: has(present, p) && clients[p].mode == stopped -> require(property_other_log, differs(p))
       :: else -> require(property_not_healed, more > 0 || !next_is_there)
       fi;
       p++
    :: else -> break
    od;
    skip }
}

/* Each client has read a part of the first log and kept a part of that; the server has a beginning. */
init {
  byte k;
  atomic {
    k = 0;
    do
    :: k < PEOPLE ->
       if :: clients[k].held = LENGTH :: clients[k].held = LENGTH - 1 :: clients[k].held = 1 fi;
       if :: clients[k].kept = 0 :: clients[k].kept = clients[k].held - 1 :: clients[k].kept = clients[k].held fi;
       if :: present = present | bit(k) :: skip fi;
       k++
    :: else -> break
    od;
    if :: joined = 1 :: joined = LENGTH fi;
    /* Who has joined has read that. */
    if :: clients[PEOPLE - 1].held < joined -> clients[PEOPLE - 1].held = joined :: else -> skip fi;
    if :: held = 0 :: held = 1 :: held = LENGTH - 1 fi;
    all_hold = LENGTH; k = 0;
    do
    :: k < PEOPLE -> if :: clients[k].held < all_hold -> all_hold = clients[k].held :: else -> skip fi; k++
    :: else -> break
    od;
    k = 0;
    do
    :: k < PEOPLE -> run client(k); k++
    :: else -> break
    od;
    k = 0;
    run server(); run quiet(); run judge()
  }
}
