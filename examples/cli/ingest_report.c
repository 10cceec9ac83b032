#include "ingest_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "interrupt.h"
#include "table.h"

void ingest_report_troubles(struct ingest_report *self)
{
    const struct walk *walk = self->walk;
    for (size_t i = 0; i < walk->trouble_count; i++)
        cli_complain(self->cli, "%s: %s", walk->troubles[i].path, walk->troubles[i].reason);
    self->left_out += (int64_t)walk->trouble_count;
}

/* A folder whose name is no device id is named once. */
static void tell_left_out(struct ingest_report *self, size_t index)
{
    const struct walk_picture *picture = &self->walk->pictures[index];
    struct walk_camera *camera = &self->walk->cameras[picture->camera];
    const char *reason = self->results[index].reason;
    if (!camera->refusal)
        cli_complain(self->cli, "%s: %s", picture->path, reason ? reason : "memory ran out");
    else if (camera->left_out == 0)
        cli_complain(self->cli,
                     "%s: the folder \"%s\" names no camera (%s); rename it or give --camera",
                     picture->path, camera->device_id, camera->refusal);
    camera->left_out++;
    self->left_out++;
}

/* The newest that a camera says of itself is remembered. */
static void note_side_file(struct ingest_report *self, size_t index)
{
    const struct walk_picture *picture = &self->walk->pictures[index];
    struct walk_camera *camera = &self->walk->cameras[picture->camera];
    struct side_file *side = &self->results[index].side;
    self->side_files += side->is_there && !side->trouble;
    if (side->trouble) {
        self->bad_side_files++;
        cli_complain(self->cli, "%s: its side file is passed over: %s", picture->path,
                     side->trouble);
    } else if (side->state && side->time != WILDCAM_TIME_NONE &&
               (!camera->told || side->time > camera->told_at)) {
        wildcam_camera_free(camera->told);
        camera->told = side->state;
        camera->told_at = side->time;
        side->state = NULL;
    }
}

void ingest_report_result(void *user, size_t index)
{
    struct ingest_report *self = user;
    struct walk_camera *camera = &self->walk->cameras[self->walk->pictures[index].camera];
    self->looked_at++;
    self->unmatched += self->results[index].is_unmatched;
    note_side_file(self, index);
    switch (self->results[index].outcome) {
    case TAKE_IN_KEPT:
        camera->kept++;
        self->kept++;
        self->untimed += self->results[index].is_untimed;
        break;
    case TAKE_IN_KNOWN:
        camera->known++;
        self->known++;
        break;
    case TAKE_IN_FAILED:
        self->has_failed = true;
        tell_left_out(self, index);
        break;
    default:
        tell_left_out(self, index);
    }
}

/* ---- for people ---- */

static bool write_cameras(const struct walk *walk, bool is_dry_run)
{
    const struct column columns[] = {{"device_id", true, false},
                                     {"found", is_dry_run, true},
                                     {"kept", !is_dry_run, true},
                                     {"known", !is_dry_run, true},
                                     {"left_out", true, true}};
    struct table table;
    table_begin(&table, TABLE_TEXT, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < walk->camera_count; i++) {
        const struct walk_camera *camera = &walk->cameras[i];
        if (!camera->found)
            continue;
        table_add(&table, camera->device_id);
        table_add_whole(&table, camera->found);
        table_add_whole(&table, camera->kept);
        table_add_whole(&table, camera->known);
        table_add_whole(&table, camera->left_out);
    }
    return table_end(&table);
}

/* What is behind "5 left out: 3 ...". */
static const char *words_of(wildcam_status status)
{
    switch (status) {
    case WILDCAM_ERR_INVALID:
        return "in folders whose names are no device ids";
    case WILDCAM_ERR_NOTFOUND:
        return "of cameras that are not registered";
    case WILDCAM_ERR_NOTJPEG:
        return "not JPEGs";
    case WILDCAM_ERR_TRUNCATED:
        return "cut off";
    case WILDCAM_ERR_TOOLARGE:
        return "too large";
    case WILDCAM_ERR_CORRUPT:
        return "of times whose shards are damaged";
    default:
        return wildcam_status_text(status);
    }
}

/* "  2 not JPEGs", for each reason that occurs. */
static void write_reasons(const struct ingest_report *self)
{
    wildcam_status status;
    int64_t unreadable = (int64_t)self->walk->trouble_count;
    for (size_t i = 0; self->results && i < self->walk->picture_count; i++)
        unreadable += self->results[i].outcome == TAKE_IN_UNREADABLE;
    for (size_t at = 0; self->results && wildcam_status_at(at, &status); at++) {
        int64_t count = 0;
        for (size_t i = 0; i < self->walk->picture_count; i++)
            count += self->results[i].status == status && status != WILDCAM_OK;
        if (count)
            printf("  %" PRId64 " %s\n", count, words_of(status));
    }
    if (unreadable)
        printf("  %" PRId64 " could not be read\n", unreadable);
}

static bool write_text(const struct ingest_report *self, bool is_dry_run)
{
    const struct walk *walk = self->walk;
    if (walk->picture_count && !write_cameras(walk, is_dry_run))
        return false;
    if (walk->picture_count)
        putchar('\n');
    if (is_dry_run)
        printf("%zu picture%s found; nothing was taken in\n", walk->picture_count,
               cli_plural((int64_t)walk->picture_count));
    else
        printf("%" PRId64 " picture%s kept, %" PRId64 " known before\n", self->kept,
               cli_plural(self->kept), self->known);
    if (self->untimed)
        printf("%" PRId64 " of them without a time of their own: kept under that of reception\n",
               self->untimed);
    if (self->unmatched)
        printf("%" PRId64 " of them without a time in their names\n", self->unmatched);
    if (self->side_files)
        printf("%" PRId64 " side file%s taken over\n", self->side_files,
               cli_plural(self->side_files));
    if (self->bad_side_files)
        printf("%" PRId64 " side file%s passed over\n", self->bad_side_files,
               cli_plural(self->bad_side_files));
    if (self->left_out)
        printf("%" PRId64 "%s left out:\n", self->left_out, is_dry_run ? " would be" : "");
    write_reasons(self);
    if (walk->others)
        printf("%" PRId64 " other file%s passed over\n", walk->others, cli_plural(walk->others));
    return true;
}

/* ---- for scripts ---- */

static void add_left_out(struct json_output *out, bool *is_first, const char *path,
                         const char *status, const char *reason)
{
    json_output_add(out, *is_first ? "\n{\"file\": " : ",\n{\"file\": ");
    cli_add_text(out, path);
    json_output_add(out, ", \"status\": \"%s\", \"reason\": ", status);
    cli_add_text(out, reason ? reason : "");
    json_output_add(out, "}");
    *is_first = false;
}

static void add_all_left_out(struct json_output *out, const struct ingest_report *self)
{
    bool is_first = true;
    const struct walk *walk = self->walk;
    json_output_add(out, "\"left_out\": [");
    for (size_t i = 0; i < walk->trouble_count; i++)
        add_left_out(out, &is_first, walk->troubles[i].path, "unreadable",
                     walk->troubles[i].reason);
    for (size_t i = 0; self->results && i < walk->picture_count; i++) {
        const struct take_in_result *result = &self->results[i];
        if (result->outcome == TAKE_IN_UNREADABLE)
            add_left_out(out, &is_first, walk->pictures[i].path, "unreadable", result->reason);
        else if (result->reason)
            add_left_out(out, &is_first, walk->pictures[i].path,
                         wildcam_status_name(result->status), result->reason);
    }
    json_output_add(out, "], ");
}

static void add_bad_side_files(struct json_output *out, const struct ingest_report *self)
{
    bool is_first = true;
    json_output_add(out, "\"bad_side_files\": [");
    for (size_t i = 0; self->results && i < self->walk->picture_count; i++)
        if (self->results[i].side.trouble)
            add_left_out(out, &is_first, self->walk->pictures[i].path, "side file",
                         self->results[i].side.trouble);
    json_output_add(out, "], ");
}

static bool write_json(const struct ingest_report *self, bool is_dry_run)
{
    const struct walk *walk = self->walk;
    const char *separator = "\n";
    struct json_output out;
    json_output_begin(&out);
    json_output_add(&out,
                    "{\"found\": %zu, \"kept\": %" PRId64 ", \"without_time\": %" PRId64
                    ", \"known\": %" PRId64 ", ",
                    walk->picture_count, self->kept, self->untimed, self->known);
    json_output_add(&out, "\"unmatched\": %" PRId64 ", \"side_files\": %" PRId64 ", ",
                    self->unmatched, self->side_files);
    add_bad_side_files(&out, self);
    add_all_left_out(&out, self);
    json_output_add(&out, "\"other_files\": %" PRId64 ", \"cameras\": [", walk->others);
    for (size_t i = 0; i < walk->camera_count; i++) {
        const struct walk_camera *camera = &walk->cameras[i];
        if (!camera->found)
            continue;
        json_output_add(&out, "%s{\"device_id\": ", separator);
        cli_add_text(&out, camera->device_id);
        json_output_add(&out,
                        ", \"found\": %" PRId64 ", \"kept\": %" PRId64 ", \"known\": %" PRId64
                        ", \"left_out\": %" PRId64 "}",
                        camera->found, camera->kept, camera->known, camera->left_out);
        separator = ",\n";
    }
    json_output_add(&out, "], \"dry_run\": %s, \"interrupted\": %s}\n",
                    is_dry_run ? "true" : "false", interrupt_came() ? "true" : "false");
    return cli_print_json(&out);
}

int ingest_report_end(struct ingest_report *self, bool is_dry_run)
{
    bool done = self->cli->json ? write_json(self, is_dry_run) : write_text(self, is_dry_run);
    if (!done)
        return cli_fail_memory(self->cli);
    if (interrupt_came()) {
        cli_complain(self->cli,
                     "stopped after %" PRId64 " of %zu pictures; give the same command again to "
                     "go on",
                     self->looked_at, self->walk->picture_count);
        return CLI_INTERRUPTED + interrupt_came();
    }
    if (self->has_failed) {
        cli_complain(self->cli,
                     "the station takes no more, after %" PRId64 " of %zu pictures; put that right "
                     "and give the same command again",
                     self->looked_at, self->walk->picture_count);
        return CLI_FAILED;
    }
    return self->left_out || self->bad_side_files ? CLI_PARTLY : CLI_WELL;
}

void ingest_report_free(struct ingest_report *self)
{
    for (size_t i = 0; self->results && i < self->walk->picture_count; i++) {
        free(self->results[i].reason);
        side_file_free(&self->results[i].side);
    }
    free(self->results);
}
