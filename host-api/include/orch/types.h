/* The values that cross the boundary, and the rules for all of them.
 *
 * GROWTH     Every struct but orch_str_t, which never changes, begins with `struct_size`, set by the side that
 *            makes it to the size that side was compiled with. Fields are only ever appended; nobody touches
 *            a field that lies beyond `struct_size`. A struct smaller than in the first version of its
 *            extension is refused with ORCH_E_CONTRACT. `reserved` is 0. In JSON, a reader passes over
 *            members that it does not know.
 * TEXT       UTF-8 without a terminating zero, as pointer and length. Structured data is JSON text, times in
 *            it are RFC 3339 in UTC.
 * OWNERSHIP  A pointer that goes into a call is valid until the call returns and is never freed by the
 *            callee. Nothing is allocated on one side and freed on the other: results go to a sink or
 *            into a buffer of the caller's.
 * ERRORS     Every call that can fail returns an `orch_status_t` and fills an `orch_error_t` when it is
 *            not ORCH_OK; what it wrote to a result's sink counts for nothing then. `errno`, exceptions,
 *            longjmp and signals never cross.
 * THREADS    Each function is tagged:
 *              [lifecycle]    called by the host, one call at a time for a plugin, never from inside a
 *                             call of that plugin
 *              [thread-safe]  any thread, any number at a time
 *            A function that may block says so, and for how long. "[lifecycle]" calls need not come from
 *            the same thread.
 * LOCKS      A call may come in while a call of one's own into the other side runs, also on the same thread
 *            (the host asks a plugin to check a trigger, the plugin asks the host for its tasks). So neither
 *            side holds a lock across a call into the other that a function of its own would wait for.
 * PROCESS    It is shared. Neither side's doing changes signal handlers, locale, environment, umask or
 *            working folder after the plugin was loaded; a plugin blocks SIGPIPE in its threads or writes
 *            with MSG_NOSIGNAL; every descriptor is close-on-exec, as the host starts programs.
 * TRUST      A plugin runs in the host's process with all its rights. The interface guards against
 *            mistakes, not against malice.
 */
#ifndef ORCH_TYPES_H
#define ORCH_TYPES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t orch_status_t;

#define ORCH_OK 0
/* The caller broke the contract of this interface (a null pointer, a call in the wrong state). */
#define ORCH_E_CONTRACT 1
/* The input is well-formed but not acceptable; `details` names the fields. HTTP 422. */
#define ORCH_E_INVALID 2
#define ORCH_E_NOT_FOUND 3
/* The thing is in use or was changed meanwhile; `words` say by what. HTTP 409. */
#define ORCH_E_CONFLICT 4
/* Not now: call again, not before `retry_after_ms`. Nothing was done. */
#define ORCH_E_BUSY 5
#define ORCH_E_UNSUPPORTED 6
#define ORCH_E_CANCELLED 7
/* The thing may only be read. HTTP 403. */
#define ORCH_E_READ_ONLY 8
/* Anything else; `words` say what. */
#define ORCH_E_FAILED 9

/* Text that the giver owns. `data` may be null only when `size` is 0. */
typedef struct orch_str {
    const char *data;
    uint64_t size; /* bytes */
} orch_str_t;

/* Why a call failed: a buffer of the caller's that the callee fills.
 * The caller sets `struct_size`, the two buffers and their capacities, and zeroes the rest.
 * The whole pointer may be null where the caller does not care. */
typedef struct orch_error {
    uint32_t struct_size;
    uint32_t retry_after_ms; /* out: 0 means no advice */
    char *words;             /* out: one sentence for a person; cut at a character if it does not fit */
    uint64_t words_capacity; /* bytes */
    uint64_t words_size;     /* out: bytes written */
    char *details;           /* out: JSON {"code": "...", "errors": [{"field": "...", "message": "..."}]} */
    uint64_t details_capacity;
    uint64_t details_size; /* out: 0 when there are none or they do not fit */
} orch_error_t;

/* Where a callee writes a result. The caller owns it; it is valid until the call returns.
 * `write` may be called several times, from the thread of the call only; the pieces, which may be cut anywhere,
 * are joined, but where a function says otherwise. A status other than ORCH_OK means that the caller wants no
 * more: return that status. */
typedef struct orch_sink {
    uint32_t struct_size;
    uint32_t reserved;
    void *owner;
    orch_status_t (*write)(void *owner, const char *data, uint64_t size);
} orch_sink_t;

/* How a caller takes back a call that can take long. The caller owns it; valid until the call returns.
 * The callee asks often enough to return within two seconds of a yes, with ORCH_E_CANCELLED. */
typedef struct orch_cancel {
    uint32_t struct_size;
    uint32_t reserved;
    void *owner;
    int32_t (*requested)(void *owner); /* [thread-safe] 0: go on */
} orch_cancel_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_TYPES_H */
