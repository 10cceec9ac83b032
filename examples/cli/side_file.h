/* What the WildCAM firmware writes beside each picture of a card: a file of the same name that ends
 * in .json. */
#ifndef CLI_SIDE_FILE_H
#define CLI_SIDE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <wildcam/wildcam.h>

/* Whether a file is one: there is a picture of its name. */
bool side_file_is(const char *path);

/* What came of looking for one. */
struct side_file {
    bool is_there;
    char *trouble;         /* why it was passed over; NULL when it was not */
    int64_t time;          /* WILDCAM_TIME_NONE when it tells none */
    wildcam_camera *state; /* how the camera did then; NULL when there is none to tell */
};

/* Takes over what stands beside a picture. A side file that is no good does not keep the picture
 * from being taken in. */
void side_file_take(struct side_file *self, wildcam_ingest *ingest, const char *picture,
                    const char *device_id);
void side_file_free(struct side_file *self);

#endif
