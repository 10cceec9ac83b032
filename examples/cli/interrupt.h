/* SIGINT and SIGTERM: a long command stops in good order. A second one ends it at once. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

void interrupt_watch(void);
/* While nothing is under way: the first one ends it. */
void interrupt_forget(void);
/* The signal that came, or 0. */
int interrupt_came(void);

#endif
