/* A deployment on standard output, for people: a field a line. */
#ifndef CLI_DEPLOYMENT_FIELDS_H
#define CLI_DEPLOYMENT_FIELDS_H

#include <stdbool.h>
#include <wildcam/wildcam.h>

/* "+01:00"; "" when it is not known. */
void deployment_offset(const wildcam_deployment *deployment, char text[WILDCAM_TIME_TEXT]);
/* "+3600 s", what is added to the clock's times; "" without a correction. */
void deployment_shift(const wildcam_deployment *deployment, char text[WILDCAM_TIME_TEXT]);
/* False when memory ran out. */
bool deployment_fields_write(const wildcam_deployment *deployment);

#endif
