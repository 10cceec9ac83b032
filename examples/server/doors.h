/* Who may come in. */
#ifndef SERVER_DOORS_H
#define SERVER_DOORS_H

#include <stdbool.h>
#include <wildcam/wildcam.h>

enum { DOORS_CREDENTIAL = WILDCAM_KEY_TEXT + 8 };

struct request;
struct server;

/* To be called now and then: looks whether there are keys by now. */
void doors_tick(struct server *server);
/* Whether the caller may use the request's route; request->caller is set then, or NULL where
 * nobody needs to say who he is. It is found by the head alone, so that what is refused costs no
 * body. On failure the request is answered and false comes back. */
bool doors_admit(struct request *request);
/* The key or token of a request's head, whether valid or not; what is longer than any is cut short,
 * and valid in no case. On failure answered, as above; where there is none, with the sentence that
 * says what is needed. */
bool doors_credential(struct request *request, const char *needed,
                      char credential[DOORS_CREDENTIAL]);
/* The name of the person who is logged in; NULL for a key, and while nobody needs one. */
const char *doors_person(const struct request *request);

#endif
