/* Tokens of cursors as clients send them: taken or refused, and what is taken leads on from there.
 */
#include <ftw.h>
#include <unistd.h>

#include <wildcam/wildcam.h>

#include "fuzz.h"

enum { ROWS = 40 };

static wildcam_station *station;
static char directory[512];

static int remove_entry(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    (void)status;
    (void)flag;
    (void)walk;
    return remove(path);
}

static void close_station(void)
{
    wildcam_station_close(station);
    nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Rows of four months, so that tokens point into shards, between them and outside. */
static void open_station(void)
{
    wildcam_conf *conf;
    wildcam_detection *draft;
    const char *base = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/wildcam-fuzz-XXXXXX", base ? base : "/tmp");
    must(mkdtemp(directory) && wildcam_conf_new(&conf) == WILDCAM_OK);
    must(wildcam_conf_set(conf, "data.dir", directory) == WILDCAM_OK);
    must(wildcam_conf_set(conf, "store.durability", "normal") == WILDCAM_OK);
    must(wildcam_station_open(conf, &station) == WILDCAM_OK);
    must(wildcam_detection_new(&draft) == WILDCAM_OK);
    atexit(close_station);
    for (int64_t i = 0; i < ROWS; i++) {
        int64_t id, time = INT64_C(1700000000000000) + i * INT64_C(3) * 86400 * 1000000;
        must(wildcam_detection_set_device_id(draft, i % 2 ? "gate" : "pond") == WILDCAM_OK);
        must(wildcam_detection_set_species(draft, "Vulpes vulpes") == WILDCAM_OK);
        must(wildcam_detection_set_time(draft, time, 0, WILDCAM_TIME_SOURCE_CLIENT) == WILDCAM_OK);
        must(wildcam_station_add_detection(station, draft, &id) == WILDCAM_OK);
    }
    wildcam_detection_free(draft);
    wildcam_conf_free(conf);
}

/* All rows behind the token, each beyond the one before; their number. */
static int count_rows(wildcam_query *query, int order, int64_t after)
{
    wildcam_cursor *cursor;
    const wildcam_detection *row;
    wildcam_step step;
    int count = 0;
    must(wildcam_station_query(station, query, &cursor) == WILDCAM_OK);
    while ((step = wildcam_cursor_next(cursor, &row)) == 1) {
        int64_t id = wildcam_detection_get_id(row);
        must(order == WILDCAM_NEWEST_FIRST ? id < after : id > after);
        after = id;
        count++;
    }
    must(step == 0);
    wildcam_cursor_free(cursor);
    return count;
}

static void check_token(const char *token, int order)
{
    wildcam_query *query;
    must(wildcam_query_new(&query) == WILDCAM_OK);
    must(wildcam_query_set_order(query, order) == WILDCAM_OK);
    wildcam_status status = wildcam_query_set_after(query, token);
    if (status == WILDCAM_OK) {
        must(token[0] == (order == WILDCAM_NEWEST_FIRST ? 'n' : 'o'));
        const char *time = strchr(token, 't');
        size_t digits = time ? (size_t)(time - token) : strlen(token);
        must(digits > 1 && strspn(token + 1, "0123456789") == digits - 1);
        must(!time || (time[1] && strspn(time + 1, "0123456789") == strlen(time + 1)));
        /* With a time in it the id is of a row that lies elsewhere in the order of ids. */
        int64_t bound = order == WILDCAM_NEWEST_FIRST ? INT64_MAX : INT64_MIN;
        must(count_rows(query, order, time ? bound : strtoll(token + 1, NULL, 10)) <= ROWS);
    } else {
        must(status == WILDCAM_ERR_INVALID && wildcam_error_message()[0]);
    }
    wildcam_query_free(query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!station)
        open_station();
    char *token = fuzz_text(data, size);
    check_token(token, WILDCAM_NEWEST_FIRST);
    check_token(token, WILDCAM_OLDEST_FIRST);
    free(token);
    return 0;
}
