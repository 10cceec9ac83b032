/* What the tests of the uploader share: a station whose uploads go to an engine in their hands. */
#ifndef TESTS_UNIT_UPLOADER_SCENE_H
#define TESTS_UNIT_UPLOADER_SCENE_H

#include "api/fixtures.h"
#include "station/station.h"
#include "unit/fake_engine.h"

enum { LONG = 60000 }; /* ms */

extern wildcam_station *station;
extern int64_t uploaded, failed; /* of the last pass() */

/* Three regions, and a setting that differs; NULL for none. */
void open_uploading(const char *name, const char *value);
void reopen_with(const char *name, const char *value);
void begin_uploading(void);
void end_uploading(void);

/* Takes a picture in: its id. */
int64_t keep(unsigned seed);
/* A pass that takes its time. */
wildcam_status pass(uint32_t how);

/* To be freed. */
wildcam_upload *row_of(int64_t id, int kind);
int state_of(int64_t id, int kind);
int64_t owed(void);
/* How many rows of a picture somebody holds. */
int leased(int64_t id);
/* How many objects hang in the engine. */
int hung(void);

#endif
