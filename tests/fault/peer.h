/* An S3 server that takes everything and knows what it took, in a process of its own: what fails is
 * the caller. */
#ifndef TESTS_FAULT_PEER_H
#define TESTS_FAULT_PEER_H

/* "http://127.0.0.1:40123"; it is started by the first call in a process and ends with it.
 * Valid for ever. */
const char *peer_url(void);
/* It has nothing any more of what it took. */
void peer_forget(void);

#endif
