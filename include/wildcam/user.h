/**
 * @file user.h
 * People with names and passwords, and the sessions that they log in to.
 *
 * A password takes far fewer guesses than a key does (access.h), so its hash is scrypt's, with 2^15
 * rounds of 8 blocks, 3 times (`auth.password_cost`): one takes 32 MiB and some tenths of a second.
 * They are worked out one at a time, so that memory stays bounded. How it was made stands beside
 * each hash, and where less was asked then than now, the next login makes another one of the same
 * password.
 *
 * Whoever logs in gets a session: an access token for some minutes, which
 * wildcam_station_check_access() takes, and a refresh token that is good for the next pair of them,
 * once.
 */
#ifndef WILDCAM_USER_H
#define WILDCAM_USER_H

#include <stdint.h>

#include <wildcam/access.h>
#include <wildcam/export.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a login gave: two tokens, and whose they are. */
typedef struct wildcam_session wildcam_session;

/** The most bytes of a user's name. */
#define WILDCAM_USER_NAME_MAX 64
/** The least characters of a password. */
#define WILDCAM_PASSWORD_MIN 8
/** The most bytes of a password. */
#define WILDCAM_PASSWORD_MAX 1024

/* ---- People ---- */

/**
 * Makes a person known, who may then log in.
 *
 * @param self      the station.
 * @param name      1 to #WILDCAM_USER_NAME_MAX of `A-Za-z0-9._@+-`.
 * @param role      #WILDCAM_ROLE_VIEWER or #WILDCAM_ROLE_ADMIN.
 * @param password  UTF-8, at least #WILDCAM_PASSWORD_MIN characters, at most #WILDCAM_PASSWORD_MAX
 *                  bytes.
 * @return #WILDCAM_OK; #WILDCAM_ERR_EXISTS when there is a person of that name;
 * #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO;
 * #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION;
 * #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none; the password is not kept. Thread safety: any thread, at any time. Blocking:
 * disk, and some tenths of a second to work out the hash, one caller after the other.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_create_user(wildcam_station *self, const char *name,
                                                       int role, const char *password);

/**
 * Tells whether wildcam_station_create_user() would take a person's facts, before a station is
 * opened, or anybody asked for a password.
 *
 * @param name      the name.
 * @param role      one of the WILDCAM_ROLE_ values.
 * @param password  the password; NULL when it is not to be looked at.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when it would not, or @p name is NULL.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_access_check_user(const char *name, int role,
                                                     const char *password);

/**
 * Gives a person another password, and ends his sessions.
 *
 * @param self      the station.
 * @param name      the person.
 * @param password  as in wildcam_station_create_user().
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is nobody of that name;
 * #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO;
 * #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION;
 * #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none; the password is not kept. Thread safety: any thread, at any time. Blocking:
 * disk, and some tenths of a second to work out the hash, one caller after the other.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_set_password(wildcam_station *self, const char *name,
                                                        const char *password);

/**
 * Gives a person another role. His sessions go on, and have it from their next request on, in every
 * process on this store.
 *
 * Nothing keeps the last admin from being made a viewer: who may call this may call it again.
 *
 * @param self  the station.
 * @param name  the person.
 * @param role  #WILDCAM_ROLE_VIEWER or #WILDCAM_ROLE_ADMIN.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is nobody of that name;
 * #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO;
 * #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION;
 * #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_set_role(wildcam_station *self, const char *name,
                                                    int role);

/**
 * Removes a person, and ends his sessions.
 *
 * @param self  the station.
 * @param name  the person.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is nobody of that name;
 * #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO;
 * #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION;
 * #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_remove_user(wildcam_station *self, const char *name);

/**
 * Reads the people, in the order of their names.
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
WILDCAM_API wildcam_status wildcam_station_list_users(wildcam_station *self,
                                                      wildcam_access_list **out);

/* ---- Their sessions ---- */

/**
 * Logs a person in.
 *
 * Failed logins are paid for from three budgets: 10 from one origin, then one a minute; 30 of one
 * name, from wherever, then one in 20 s; 100 of all, then one a second. Who has logged in from an
 * origin in the last 30 days has a budget of his own there instead, of 10 and then one a minute,
 * which only failures of his name from that origin use up. So:
 *
 * - Whoever has one origin keeps nobody out elsewhere, whatever names he tries.
 * - Whoever has many guesses no faster than the budget of all lets him, and keeps out only who has
 *   not logged in lately from where he is now.
 * - A login that succeeds pays for no guesses, and one that is refused with #WILDCAM_ERR_LIMITED
 *   costs nothing.
 * - A name that nobody has is answered as others are, and as late, but for two things: who shares
 *   an origin may find out who has logged in there lately, whose budget is another; and a hash that
 *   was made when `auth.password_cost` was another takes the time of that.
 *
 * What is counted is in the memory of this station object, 55 KiB however many try: a process
 * that is started again, and each one beside it, counts anew. Known are the last 8 origins of a
 * person, and 1,024 of all.
 *
 * @param self      the station.
 * @param name      the person.
 * @param password  his password.
 * @param origin    where he asks from: whatever text tells it, such as an IPv4 address, or the /64
 *                  of an IPv6 address, of which one has all who has any; not what he may make up.
 *                  NULL or "" where it is not known: the budgets of the name and of all count then,
 *                  for everybody.
 * @param out       where the session goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_AUTH when nobody has that name and password;
 *         #WILDCAM_ERR_LIMITED when there were too many failures: the password was not looked at,
 *         and wildcam_station_login_wait() tells how long; #WILDCAM_ERR_INVALID when another
 *         argument is NULL; #WILDCAM_ERR_BUSY also when too many logins are being worked out;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT;
 *         #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_session_free(). Thread safety: any thread, at any
 * time. Blocking: disk, and some tenths of a second to work out the hash, one caller after the
 * other.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_login(wildcam_station *self, const char *name,
                                                 const char *password, const char *origin,
                                                 wildcam_session **out);

/**
 * Tells how long a login by a name will be refused with #WILDCAM_ERR_LIMITED.
 *
 * @param self     the station.
 * @param name     the person.
 * @param origin   where he asks from, as in wildcam_station_login(); NULL or "" for none.
 * @param seconds  where the whole seconds go, 0 when it will not be; 0 on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when another argument is NULL; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_login_wait(wildcam_station *self, const char *name,
                                                      const char *origin, int *seconds);

/**
 * Exchanges a refresh token for a new pair of tokens. The old pair is not valid any more.
 *
 * A refresh token that was exchanged before is in two hands: whose they are nobody can tell, so its
 * session ends, and the log says so.
 *
 * @param self           the station.
 * @param refresh_token  the token.
 * @param out            where the session goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_AUTH when it is not valid; #WILDCAM_ERR_INVALID when an
 * argument is NULL; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_session_free(). Thread safety: any thread, at any
 * time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_refresh_login(wildcam_station *self,
                                                         const char *refresh_token,
                                                         wildcam_session **out);

/**
 * Ends a session.
 *
 * @param self   the station.
 * @param token  either of its tokens.
 * @return #WILDCAM_OK; #WILDCAM_ERR_AUTH when it is not valid; #WILDCAM_ERR_INVALID when an
 * argument is NULL; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_VERSION; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_logout(wildcam_station *self, const char *token);

/**
 * The token that is shown with each request.
 *
 * @param self  the session.
 * @return the token, of `A-Za-z0-9_`, valid as long as the session.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_session_get_access_token(const wildcam_session *self);

/**
 * The token that wildcam_station_refresh_login() takes.
 *
 * @param self  the session.
 * @return the token, of `A-Za-z0-9_`, valid as long as the session.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_session_get_refresh_token(const wildcam_session *self);

/**
 * When the refresh token is valid no more, unless it is exchanged before.
 *
 * @param self  the session.
 * @return microseconds UTC; that of the access token is its wildcam_access_get_expires_at().
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_session_get_refresh_expires_at(const wildcam_session *self);

/**
 * Who logged in.
 *
 * @param self  the session.
 * @return who it is, valid as long as the session; NULL for NULL.
 *
 * Ownership: borrowed. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const wildcam_access *wildcam_session_get_access(const wildcam_session *self);

/**
 * Wipes and frees what a login gave. The session goes on; wildcam_station_logout() ends it.
 *
 * @param self  the session, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_session_free(wildcam_session *self);

#ifdef __cplusplus
}
#endif

#endif
