/* A station, and whom it lets in. */
#ifndef TESTS_API_DOORS_H
#define TESTS_API_DOORS_H

#include "api/fixtures.h"

/* A fixture. Its passwords cost as little as they may. */
extern wildcam_station *station;
void open_it(void);
void close_it(void);

void make_key(int role, const char *device_id, char key[WILDCAM_KEY_TEXT]);
/* The id within a key's text; valid until the next. */
const char *id_of(const char *key);

/* Who is let in with a key or token; freed with wildcam_access_free(). */
wildcam_access *who_shows(const char *credential);
/* Refused with the one sentence that all are refused with. */
void assert_refused(const char *credential);

/* Whether there have ever been keys or people. */
bool is_guarded(void);

#endif
