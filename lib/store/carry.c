#include "store/carry.h"

#include <stdio.h>
#include <string.h>

wildcam_status wci_earlier_find(const char *directory, const char *identity,
                                struct wci_earlier *earlier)
{
    wildcam_status status = wci_manifest_find(directory, earlier->database, &earlier->manifest);
    if (status == WILDCAM_ERR_NOTFOUND)
        return WILDCAM_OK;
    const char *of = NULL;
    if (status == WILDCAM_OK)
        of = json_string_value(json_object_get(earlier->manifest, "station"));
    if (status == WILDCAM_ERR_CORRUPT || (status == WILDCAM_OK && !of))
        return wci_fail(WILDCAM_ERR_CORRUPT,
                        "whose backup %s holds cannot be told, because the manifest of it is "
                        "damaged: remove that directory, or choose another",
                        directory);
    if (status != WILDCAM_OK)
        return status;
    if (strlen(of) < strlen(identity)) /* jansson drops characters it has no memory for */
        return wci_fail_memory();
    if (strcmp(of, identity) != 0)
        return wci_fail(WILDCAM_ERR_EXISTS,
                        "%s holds the backup of another station (%.32s; this one is %s): each "
                        "needs a directory of its own",
                        directory, of, identity);
    return WILDCAM_OK;
}

void wci_earlier_forget(struct wci_earlier *earlier)
{
    json_decref(earlier->manifest);
    earlier->manifest = NULL;
}

struct overlap {
    const char *name;
    bool is_found;
};

/* Of a month and a day the longer name begins with the shorter one. */
static wildcam_status look_for_overlap(void *user, const char *path, const char *file,
                                       bool is_directory)
{
    struct overlap *overlap = user;
    size_t length = strcspn(file, "."), wanted = strlen(overlap->name);
    (void)path;
    if (!is_directory && length &&
        strncmp(file, overlap->name, length < wanted ? length : wanted) == 0)
        overlap->is_found = true;
    return WILDCAM_OK;
}

/* The digest that the manifest says; NULL when it does not know the file. */
static const char *digest_of(const json_t *manifest, const char *name)
{
    size_t index;
    json_t *file;
    json_array_foreach (json_object_get(manifest, "files"), index, file) {
        const char *found = json_string_value(json_object_get(file, "name"));
        if (found && strcmp(found, name) == 0)
            return json_string_value(json_object_get(file, "sha256"));
    }
    return NULL;
}

static wildcam_status carry(const struct wci_earlier *earlier, struct wci_copy *copy,
                            const struct wci_log *log, const char *shard, const char *fresh,
                            bool *is_carried)
{
    char name[64], shards[WCI_PATH], from[WCI_PATH], to[WCI_PATH];
    struct overlap overlap = {shard, false};
    *is_carried = false;
    snprintf(name, sizeof name, "detections/%s.db", shard);
    const char *digest = digest_of(earlier->manifest, name);
    if (!digest)
        return WILDCAM_OK;
    wildcam_status status = wci_path(shards, "%s/detections", fresh);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(shards, look_for_overlap, &overlap);
    if (status != WILDCAM_OK || overlap.is_found)
        return status;
    status = wci_path(from, "%s/%s", earlier->database, name);
    if (status == WILDCAM_OK)
        status = wci_path(to, "%s/%s", fresh, name);
    if (status == WILDCAM_OK)
        status = wci_manifest_copy(copy, from, to, digest);
    if (status == WILDCAM_ERR_CORRUPT) {
        wci_error_prefix("shard %s", shard);
        wci_log_failure(log, WILDCAM_LOG_ERROR, "backup", "an earlier copy cannot be carried over");
        return wci_file_remove(to); /* nothing of it may get into the manifest */
    }
    if (status == WILDCAM_OK)
        status = wci_directory_sync(shards);
    *is_carried = status == WILDCAM_OK;
    return status;
}

static void add_name(struct wci_shard_list *list, const char *name)
{
    wci_text_add_format(&list->names, "%s%s", list->count++ ? ", " : "", name);
}

wildcam_status wci_earlier_carry(const struct wci_earlier *earlier, struct wci_copy *copy,
                                 const struct wci_log *log, const char *damaged, const char *fresh,
                                 struct wci_shard_list *carried, struct wci_shard_list *lacked)
{
    char name[32];
    for (const char *at = damaged; *at; at += strspn(at, ", ")) {
        bool is_carried;
        size_t length = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        at += length;
        wildcam_status status = carry(earlier, copy, log, name, fresh, &is_carried);
        if (status != WILDCAM_OK)
            return status;
        add_name(is_carried ? carried : lacked, name);
    }
    return carried->names.failed || lacked->names.failed ? wci_fail_memory() : WILDCAM_OK;
}
