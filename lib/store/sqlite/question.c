#include "store/sqlite/question.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/id.h"
#include "store/sqlite/schema.h"

#define COLUMNS                                                                                    \
    "d.id, d.detection_timestamp, d.camera_id, d.image_id, d.species_id, d.confidence,"            \
    " d.bbox_x, d.bbox_y, d.bbox_width, d.bbox_height, d.utc_offset, d.time_source, d.metadata,"   \
    " r.verified, r.is_false_positive, r.detected_species_id, r.verified_species_id, r.notes,"     \
    " r.verified_by, r.verified_at, d.detector_id, d.clock_time, d.clock_offset,"                  \
    " (SELECT event_id FROM images WHERE images.id=d.image_id)"
#define ROWS "wildlife_detections d LEFT JOIN reviews r ON r.detection_id=d.id"
/* The partial indexes' condition, and that of all other rows. */
#define MOVED "d.id>>21<>d.detection_timestamp/1000000"
#define IN_PLACE "d.id>>21=d.detection_timestamp/1000000"
#define REVIEWED_ROWS "reviews r CROSS JOIN wildlife_detections d ON d.id=r.detection_id"

struct collector {
    struct wci_question *question;
    bool failed;
};

static void collect_species(void *user, const struct wci_name *name)
{
    struct collector *collector = user;
    struct wci_question *question = collector->question;
    const struct wci_query *query = question->query;
    void *species = question->species;
    if ((query->by_species && strcmp(name->text, wci_text_get(&query->species)) != 0) ||
        (query->category >= 0 && name->category != query->category) || collector->failed)
        return;
    if (wci_reserve(&species, &question->species_capacity, question->species_count + 1,
                    sizeof *question->species) != WILDCAM_OK) {
        collector->failed = true;
        return;
    }
    question->species = species;
    question->species[question->species_count++] = name->id;
}

wildcam_status wci_question_begin(struct wci_question *question, wci_backend *self,
                                  const struct wci_query *query)
{
    struct collector collector = {question, false};
    *question = (struct wci_question){.query = query};
    question->by_species = query->by_species || query->category >= 0;
    wildcam_status status = wci_moved_read(&self->catalog, &question->moved);
    if (!question->by_species || status != WILDCAM_OK)
        return status;
    /* A species that another process has added since is found once a row with it is read. */
    wci_names_each(&self->catalog.species, collect_species, &collector);
    question->is_empty = question->species_count == 0;
    if (!collector.failed)
        return WILDCAM_OK;
    wci_question_end(question);
    return WILDCAM_ERR_NOMEM;
}

void wci_question_end(struct wci_question *question)
{
    wci_moved_free(&question->moved);
    free(question->species);
    question->species = NULL;
}

bool wci_question_has_moved(const struct wci_question *question)
{
    return wci_moved_any(&question->moved, question->query->from, question->query->to);
}

bool wci_question_has_moved_in(const struct wci_question *question, const struct wci_shard *shard)
{
    return wci_moved_overlaps(wci_moved_find(&question->moved, shard->name), question->query->from,
                              question->query->to);
}

/*
 * Which index serves: a camera's rows are few against a month's, so the camera comes first. A
 * common species is found at once by going through the rows in time; the "+" keeps SQLite from
 * looking for an index on it. A rare one has the partial index, whose condition must stand in the
 * text.
 */
static void add_species(struct wci_text *sql, const struct wci_question *question)
{
    bool all_rare = !question->query->camera;
    for (size_t i = 0; i < question->species_count; i++)
        all_rare = all_rare && question->species[i] > WCI_COMMON_SPECIES;
    wci_text_add(sql, all_rare ? " AND d.species_id" : " AND +d.species_id");
    if (question->species_count == 1) {
        wci_text_add(sql, "=?5");
    } else {
        for (size_t i = 0; i < question->species_count; i++)
            wci_text_add_format(sql, "%s%lld", i ? "," : " IN (", (long long)question->species[i]);
        wci_text_add(sql, ")");
    }
    if (all_rare)
        wci_text_add_format(sql, " AND d.species_id>%d", WCI_COMMON_SPECIES);
}

/* Few rows are moved, mostly those of a few cameras: their own indexes lead to them. */
static const char *moved_rows(const struct wci_query *query)
{
    return query->camera ? "wildlife_detections d INDEXED BY idx_wildlife_detections_moved_camera"
                           " LEFT JOIN reviews r ON r.detection_id=d.id"
                         : "wildlife_detections d INDEXED BY idx_wildlife_detections_moved"
                           " LEFT JOIN reviews r ON r.detection_id=d.id";
}

static void add_conditions(struct wci_text *sql, const struct wci_question *question,
                           enum wci_question_columns columns, bool reviewed)
{
    const struct wci_query *query = question->query;
    wci_text_add(sql, " AND d.detection_timestamp>=?3 AND d.detection_timestamp<?4");
    if (columns == WCI_COLUMNS_FALSE)
        wci_text_add(sql, " AND r.is_false_positive=1");
    if (query->verified == 1)
        wci_text_add(sql, " AND r.verified=1");
    else if (query->verified == 0)
        wci_text_add(sql, " AND coalesce(r.verified, 0)=0");
    if (query->camera)
        wci_text_add(sql, reviewed ? " AND +d.camera_id=?6" : " AND d.camera_id=?6");
    if (question->by_species)
        add_species(sql, question);
    if (!isnan(query->min_confidence))
        wci_text_add(sql, " AND d.confidence>=?7");
}

static void build(struct wci_text *sql, const struct wci_question *question,
                  enum wci_question_columns columns, enum wci_question_rows rows)
{
    const struct wci_query *query = question->query;
    bool moved = rows == WCI_ROWS_MOVED;
    bool counts = columns == WCI_COLUMNS_COUNT || columns == WCI_COLUMNS_FALSE;
    bool reviewed = !moved && (query->verified == 1 || columns == WCI_COLUMNS_FALSE);
    const char *id = reviewed ? "r.detection_id" : "d.id";
    const char *down = query->oldest_first ? "" : " DESC";
    if (counts)
        wci_text_add(sql, "SELECT count(*) FROM (");
    wci_text_add_format(sql, "SELECT %s FROM %s WHERE ",
                        columns == WCI_COLUMNS_ALL     ? COLUMNS
                        : columns == WCI_COLUMNS_PLACE ? "d.id, d.detection_timestamp"
                                                       : "d.id",
                        moved      ? moved_rows(query)
                        : reviewed ? REVIEWED_ROWS
                                   : ROWS);
    if (moved) /* at the bound's very time, the id decides */
        wci_text_add_format(sql, MOVED " AND (d.detection_timestamp<>?1 OR d.id%s?2)",
                            query->oldest_first ? ">=" : "<");
    else
        wci_text_add_format(sql, "%s>=?1 AND %s<?2%s", id, id,
                            rows == WCI_ROWS_IN_PLACE ? " AND " IN_PLACE : "");
    add_conditions(sql, question, columns, reviewed);
    if (!counts && moved)
        wci_text_add_format(sql, " ORDER BY d.detection_timestamp%s, d.id%s", down, down);
    else if (!counts)
        wci_text_add_format(sql, " ORDER BY %s%s", id, down);
    wci_text_add(sql, " LIMIT ?8");
    if (counts)
        wci_text_add(sql, ")");
}

/* Tells texts apart that build() makes; 0 when a text holds a list of its own. */
static uintptr_t shape(const struct wci_question *question, enum wci_question_columns columns,
                       enum wci_question_rows rows)
{
    const struct wci_query *query = question->query;
    if (question->species_count > 1)
        return 0;
    bool is_rare = question->species_count == 1 && question->species[0] > WCI_COMMON_SPECIES;
    return 1 + ((uintptr_t)columns | (uintptr_t)(query->verified + 1) << 2 |
                (uintptr_t)(query->camera != NULL) << 4 | (uintptr_t)question->by_species << 5 |
                (uintptr_t)is_rare << 6 | (uintptr_t)!isnan(query->min_confidence) << 7 |
                (uintptr_t)query->oldest_first << 8 | (uintptr_t)rows << 9);
}

static wildcam_status prepare(const struct wci_question *question, struct wci_database *reader,
                              enum wci_question_columns columns, enum wci_question_rows rows,
                              sqlite3_stmt **out)
{
    struct wci_text sql = {0};
    uintptr_t key = shape(question, columns, rows);
    if (key && wci_database_find_kept(reader, key, out))
        return WILDCAM_OK;
    build(&sql, question, columns, rows);
    wildcam_status status = sql.failed ? wci_fail_memory()
                            : key      ? wci_database_prepare(reader, key, sql.data, out)
                                       : wci_database_prepare_passing(reader, sql.data, out);
    wci_text_free(&sql);
    return status;
}

/* The rows of a shard whose ids are in the query's span, behind the bound. */
static void bind_in_place(sqlite3_stmt *statement, const struct wci_query *query,
                          const struct wci_shard *shard, const struct wci_bound *bound)
{
    int64_t from = query->from > shard->from ? query->from : shard->from;
    int64_t to = query->to < shard->to ? query->to : shard->to;
    int64_t first = wci_id_second(wci_id_at(from));
    int64_t end = wci_id_second(wci_id_at(to - 1)) + WCI_IDS_PER_SECOND;
    if (query->oldest_first)
        first = bound->id > first ? bound->id : first;
    else
        end = bound->id < end ? bound->id : end;
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, end);
    sqlite3_bind_int64(statement, 3, from);
    sqlite3_bind_int64(statement, 4, to);
}

/* Those that are moved have any time. */
static void bind_moved(sqlite3_stmt *statement, const struct wci_query *query,
                       const struct wci_bound *bound)
{
    int64_t from = query->from, to = query->to, at = bound->moved_time;
    if (query->oldest_first)
        from = at > from ? at : from;
    else if (at < to)
        to = at + 1;
    sqlite3_bind_int64(statement, 1, at);
    sqlite3_bind_int64(statement, 2, bound->moved_id);
    sqlite3_bind_int64(statement, 3, from);
    sqlite3_bind_int64(statement, 4, to);
}

wildcam_status wci_question_ask(const struct wci_question *question, struct wci_database *reader,
                                const struct wci_shard *shard, enum wci_question_columns columns,
                                enum wci_question_rows rows, const struct wci_place *after,
                                int64_t limit, sqlite3_stmt **out)
{
    const struct wci_query *query = question->query;
    struct wci_bound bound = wci_place_bound(after, query->oldest_first);
    wildcam_status status = prepare(question, reader, columns, rows, out);
    if (status != WILDCAM_OK)
        return status;
    if (rows == WCI_ROWS_MOVED)
        bind_moved(*out, query, &bound);
    else
        bind_in_place(*out, query, shard, &bound);
    if (question->species_count == 1)
        sqlite3_bind_int64(*out, 5, question->species[0]);
    if (query->camera)
        sqlite3_bind_int64(*out, 6, query->camera->id);
    if (!isnan(query->min_confidence))
        sqlite3_bind_double(*out, 7, query->min_confidence);
    sqlite3_bind_int64(*out, 8, limit);
    return WILDCAM_OK;
}

wildcam_status wci_question_ask_one(struct wci_database *reader, int64_t id, sqlite3_stmt **out)
{
    wildcam_status status =
        wci_database_prepare(reader, 0, "SELECT " COLUMNS " FROM " ROWS " WHERE d.id=?", out);
    if (status == WILDCAM_OK)
        sqlite3_bind_int64(*out, 1, id);
    return status;
}

/* A picture's detections lie in the second of its id. */
wildcam_status wci_question_ask_of_images(struct wci_database *reader, int64_t first, int64_t last,
                                          sqlite3_stmt **out)
{
    wildcam_status status = wci_database_prepare(reader, 0,
                                                 "SELECT " COLUMNS " FROM " ROWS
                                                 " WHERE d.id>=?1 AND d.id<?2 AND +d.image_id>=?3"
                                                 " AND +d.image_id<=?4 ORDER BY d.id",
                                                 out);
    if (status != WILDCAM_OK)
        return status;
    sqlite3_bind_int64(*out, 1, wci_id_second(first));
    sqlite3_bind_int64(*out, 2, wci_id_second(last) + WCI_IDS_PER_SECOND);
    sqlite3_bind_int64(*out, 3, first);
    sqlite3_bind_int64(*out, 4, last);
    return WILDCAM_OK;
}

static wildcam_status copy_name(struct wci_text *to, const struct wci_name *name)
{
    return wci_text_set(to, name->text, strlen(name->text));
}

static wildcam_status read_review(wci_backend *self, sqlite3_stmt *row, wildcam_detection *out)
{
    const struct wci_name *name;
    wci_text_empty(&out->verified_species);
    wci_text_empty(&out->notes);
    wci_text_empty(&out->verified_by);
    wci_text_empty(&out->detected_species);
    out->verified = sqlite3_column_int(row, 13);
    out->false_positive = sqlite3_column_int(row, 14);
    out->verified_at = wci_column_time(row, 19);
    if (sqlite3_column_type(row, 13) == SQLITE_NULL)
        return WILDCAM_OK;
    wildcam_status status = wci_catalog_species_at(&self->catalog, sqlite3_column_int64(row, 15),
                                                   &name);
    if (status == WILDCAM_OK)
        status = copy_name(&out->detected_species, name);
    if (status == WILDCAM_OK && sqlite3_column_type(row, 16) != SQLITE_NULL) {
        status = wci_catalog_species_at(&self->catalog, sqlite3_column_int64(row, 16), &name);
        if (status == WILDCAM_OK)
            status = copy_name(&out->verified_species, name);
    }
    if (status == WILDCAM_OK)
        status = wci_column_text(row, 17, &out->notes);
    if (status == WILDCAM_OK)
        status = wci_column_text(row, 18, &out->verified_by);
    return status;
}

static wildcam_status read_detector(wci_backend *self, sqlite3_stmt *row, wildcam_detection *out)
{
    out->detector_id = sqlite3_column_int64(row, 20);
    wci_text_empty(&out->detector);
    wci_text_empty(&out->detector_version);
    if (!out->detector_id)
        return WILDCAM_OK;
    return wci_catalog_detector_at(&self->catalog, out->detector_id, &out->detector,
                                   &out->detector_version);
}

wildcam_status wci_question_read_row(wci_backend *self, sqlite3_stmt *row, wildcam_detection *out)
{
    const struct wci_name *camera, *species;
    out->id = sqlite3_column_int64(row, 0);
    out->time = sqlite3_column_int64(row, 1);
    out->camera_id = sqlite3_column_int64(row, 2);
    out->image_id = sqlite3_column_int64(row, 3);
    out->confidence = wci_column_real(row, 5);
    out->has_box = sqlite3_column_type(row, 6) != SQLITE_NULL;
    if (out->has_box)
        out->box = (wildcam_box){sqlite3_column_double(row, 6), sqlite3_column_double(row, 7),
                                 sqlite3_column_double(row, 8), sqlite3_column_double(row, 9)};
    out->offset = sqlite3_column_type(row, 10) == SQLITE_NULL ? WILDCAM_OFFSET_UNKNOWN
                                                              : sqlite3_column_int(row, 10);
    out->time_source = sqlite3_column_int(row, 11);
    out->clock_time = wci_column_time(row, 21);
    out->clock_offset = wci_column_offset(row, 22);
    out->event_id = sqlite3_column_int64(row, 23);
    wildcam_status status = wci_column_text(row, 12, &out->metadata);
    if (status == WILDCAM_OK)
        status = wci_catalog_camera_at(&self->catalog, out->camera_id, &camera);
    if (status == WILDCAM_OK)
        status = copy_name(&out->device_id, camera);
    if (status == WILDCAM_OK)
        status = wci_catalog_species_at(&self->catalog, sqlite3_column_int64(row, 4), &species);
    if (status == WILDCAM_OK) {
        out->category = species->category;
        status = copy_name(&out->species, species);
    }
    if (status == WILDCAM_OK)
        status = read_detector(self, row, out);
    return status == WILDCAM_OK ? read_review(self, row, out) : status;
}
