/**
 * @file access.h
 * Who may do what: roles, keys for cameras and programs, and who shows a key or a token.
 *
 * A key is 256 bits by chance in the form of a text. It is shown once, when it is made; the station
 * keeps its SHA-256 alone, which is enough: what takes 2^256 guesses needs no slow hash. People and
 * their passwords are in user.h.
 *
 * All of it is in the store, so that every process on it knows at once what was made, revoked or
 * ended in another. What the caller passes in and gets is his to keep secret; the library wipes its
 * own copies, logs none, and puts none into a sentence.
 *
 * The library itself asks nobody: whoever holds a station may do all with it. A server of one's own
 * asks at each request, once wildcam_station_has_keys() says so, whose key or token was shown
 * (wildcam_station_check_access()), and decides by the role, and with a camera's key by
 * wildcam_access_get_device_id() too.
 *
 * A backup holds the hashes. Restoring it brings back keys that were revoked and passwords that
 * were changed since: revoke and change them again.
 */
#ifndef WILDCAM_ACCESS_H
#define WILDCAM_ACCESS_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/station.h>
#include <wildcam/status.h>
#include <wildcam/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A key or a person, without what proves it. */
typedef struct wildcam_access wildcam_access;

/** Keys or people of a station at one moment. */
typedef struct wildcam_access_list wildcam_access_list;

/**
 * The one list of roles: X(NAME, value, text).
 *
 * A camera's key registers, uploads and reports for that camera alone; a fleet's key for any. A
 * viewer reads. An admin may do all. Keys have any role, people are viewers or admins.
 */
#define WILDCAM_ROLE_LIST(X)                                                                       \
    X(CAMERA, 0, "camera")                                                                         \
    X(FLEET, 1, "fleet")                                                                           \
    X(VIEWER, 2, "viewer")                                                                         \
    X(ADMIN, 3, "admin")

/** What somebody may do: `WILDCAM_ROLE_CAMERA` and so on, from the list above. */
enum {
#define WILDCAM_ROLE_VALUE(name, value, text) WILDCAM_ROLE_##name = (value),
    WILDCAM_ROLE_LIST(WILDCAM_ROLE_VALUE)
#undef WILDCAM_ROLE_VALUE
};

/** The one list of what a #wildcam_access is: X(NAME, value, text). */
#define WILDCAM_ACCESS_LIST(X)                                                                     \
    X(KEY, 0, "key")                                                                               \
    X(USER, 1, "user")

/** What it is: `WILDCAM_ACCESS_KEY` and so on, from the list above. */
enum {
#define WILDCAM_ACCESS_VALUE(name, value, text) WILDCAM_ACCESS_##name = (value),
    WILDCAM_ACCESS_LIST(WILDCAM_ACCESS_VALUE)
#undef WILDCAM_ACCESS_VALUE
};

/** Room for any key or token, with its NUL. */
#define WILDCAM_KEY_TEXT 80
/** The most bytes of a key's note. */
#define WILDCAM_KEY_NOTE_MAX 200

/**
 * Names a role, such as "fleet".
 *
 * @param role  one of the WILDCAM_ROLE_ values.
 * @return the name; "unknown" for any other value.
 *
 * Ownership: borrowed, valid as long as the library is loaded. Thread safety: any thread, at any
 * time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_role_name(int role);

/**
 * Finds a role by its name.
 *
 * @param name  the name, as wildcam_role_name() gives it.
 * @param role  where it goes.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when no role has that name; #WILDCAM_ERR_INVALID when
 * an argument is NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_role_from_name(const char *name, int *role);

/**
 * Tells whether who asks this station for something must show who he is.
 *
 * That is so once a key or a person was made, and it stays so when all are revoked and removed
 * again: whoever revokes a stolen key must not open the door by it. Before, the station is open.
 *
 * @param self      the station.
 * @param has_keys  where 1 goes, or 0 while it is open; 1 on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_has_keys(wildcam_station *self, int *has_keys);

/**
 * Makes a key.
 *
 * @param self       the station.
 * @param role       one of the WILDCAM_ROLE_ values.
 * @param device_id  the camera that a key of #WILDCAM_ROLE_CAMERA is for, which need not be
 *                   registered yet; NULL for every other role.
 * @param note       what it is for, for who lists keys: UTF-8, at most #WILDCAM_KEY_NOTE_MAX bytes,
 *                   no control characters; NULL for none.
 * @param key        where the key goes, #WILDCAM_KEY_TEXT bytes: `wk_`, the id that it is listed
 *                   under, `_`, and the secret, all of `A-Za-z0-9_`; "" on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the key is the caller's, to be shown once and wiped. Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_create_key(wildcam_station *self, int role,
                                                      const char *device_id, const char *note,
                                                      char *key);

/**
 * Tells whether wildcam_station_create_key() would take a key's facts, before a station is opened.
 *
 * @param role       one of the WILDCAM_ROLE_ values.
 * @param device_id  the camera, or NULL.
 * @param note       what it is for, or NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it would not.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_access_check_key(int role, const char *device_id,
                                                    const char *note);

/**
 * Revokes a key. From then on no process on this store accepts it.
 *
 * @param self  the station.
 * @param id    the key's id, as in its text and in the list; not the key.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such key; #WILDCAM_ERR_INVALID when
 * an argument is NULL or @p id is none, a whole key, say; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO;
 * #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION;
 * #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_revoke_key(wildcam_station *self, const char *id);

/**
 * Reads the keys that are not revoked, the oldest first.
 *
 * @param self  the station.
 * @param out   where they go; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL;
 *         #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_access_list_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_list_keys(wildcam_station *self,
                                                     wildcam_access_list **out);

/**
 * Tells who shows a key or an access token. Meant to be asked on every request.
 *
 * The sentence is the same whether it is malformed, unknown, wrong, revoked or past its time, and
 * the secret is compared in a time that does not depend on how much of it is right.
 *
 * @param self        the station.
 * @param credential  the key or the token, as it was sent.
 * @param out         where who it is goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_AUTH when it is not valid; #WILDCAM_ERR_INVALID when an
 * argument is NULL; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_access_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_check_access(wildcam_station *self,
                                                        const char *credential,
                                                        wildcam_access **out);

/**
 * Whether it is a key or a person.
 *
 * @param self  who it is.
 * @return one of the WILDCAM_ACCESS_ values.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_access_get_kind(const wildcam_access *self);

/**
 * What it may do.
 *
 * @param self  who it is.
 * @return one of the WILDCAM_ROLE_ values; -1 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_access_get_role(const wildcam_access *self);

/**
 * A key's id, or a person's name. Neither is secret.
 *
 * @param self  who it is.
 * @return the text, valid as long as the object.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_access_get_id(const wildcam_access *self);

/**
 * The camera that a key is for.
 *
 * @param self  who it is.
 * @return the device's id, valid as long as the object; "" unless its role is
 *         #WILDCAM_ROLE_CAMERA.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_access_get_device_id(const wildcam_access *self);

/**
 * What a key is for.
 *
 * @param self  who it is.
 * @return the note, valid as long as the object; "" for none.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_access_get_note(const wildcam_access *self);

/**
 * When it was made.
 *
 * @param self  who it is.
 * @return microseconds UTC.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_access_get_created_at(const wildcam_access *self);

/**
 * Until when what was shown is valid.
 *
 * @param self  who it is.
 * @return microseconds UTC for an access token; #WILDCAM_TIME_NONE for a key, and in a list.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_access_get_expires_at(const wildcam_access *self);

/**
 * Writes it as a JSON object, for `--json` and for the server.
 *
 * @param self  who it is.
 * @param out   where the text goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_access_to_json(const wildcam_access *self, char **out);

/**
 * Frees what wildcam_station_check_access() gave.
 *
 * @param self  who it is, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_access_free(wildcam_access *self);

/**
 * How many a list has.
 *
 * @param self  the list.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API size_t wildcam_access_list_get_count(const wildcam_access_list *self);

/**
 * One of a list.
 *
 * @param self   the list.
 * @param index  from 0.
 * @return who it is, valid as long as the list; NULL past the end.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const wildcam_access *wildcam_access_list_at(const wildcam_access_list *self,
                                                         size_t index);

/**
 * Frees a list and what is in it.
 *
 * @param self  the list, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_access_list_free(wildcam_access_list *self);

#ifdef __cplusplus
}
#endif

#endif
