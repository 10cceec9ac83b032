#include "store/manifest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/json.h"

enum { MANIFEST_MAX = 16 << 20 };

/* What the databases are. */
struct manifest {
    struct wci_copy *copy;
    const char *directory;
    struct wci_json json;
};

static wildcam_status describe(struct manifest *manifest, const char *name)
{
    char path[WCI_PATH], text[WCI_DIGEST_TEXT];
    unsigned char sha256[WCI_DIGEST_BYTES];
    int fd;
    int64_t bytes;
    wildcam_status status = wci_path(path, "%s/%s", manifest->directory, name);
    if (status == WILDCAM_OK)
        status = wci_file_open(path, &fd, &bytes);
    if (status != WILDCAM_OK)
        return status;
    status = wci_copy_file(manifest->copy, fd, path, NULL, sha256);
    close(fd);
    if (status != WILDCAM_OK)
        return status;
    wci_digest_to_text(sha256, text);
    wci_json_open(&manifest->json, NULL, '{');
    wci_json_text(&manifest->json, "name", name);
    wci_json_int(&manifest->json, "bytes", bytes);
    wci_json_text(&manifest->json, "sha256", text);
    wci_json_close(&manifest->json, '}');
    return WILDCAM_OK;
}

static wildcam_status describe_shard(void *user, const char *path, const char *file,
                                     bool is_directory)
{
    char name[WCI_PATH];
    size_t length = strlen(file);
    (void)path;
    if (is_directory || length < 4 || strcmp(file + length - 3, ".db") != 0)
        return WILDCAM_OK;
    wildcam_status status = wci_path(name, "detections/%s", file);
    return status == WILDCAM_OK ? describe(user, name) : status;
}

wildcam_status wci_manifest_write(struct wci_copy *copy, const char *directory,
                                  const char *identity)
{
    char shards[WCI_PATH], path[WCI_PATH];
    struct wci_text text = {0};
    struct manifest manifest = {copy, directory, {&text, false}};
    wci_json_open(&manifest.json, NULL, '{');
    wci_json_int(&manifest.json, "format", WCI_COPY_FORMAT);
    wci_json_text(&manifest.json, "station", identity);
    wci_json_time(&manifest.json, "made", wci_calendar_now(), 0);
    wci_json_open(&manifest.json, "files", '[');
    wildcam_status status = describe(&manifest, "station.db");
    if (status == WILDCAM_OK)
        status = wci_path(shards, "%s/detections", directory);
    if (status == WILDCAM_OK)
        status = wci_directory_walk(shards, describe_shard, &manifest);
    wci_json_close(&manifest.json, ']');
    wci_json_close(&manifest.json, '}');
    if (status == WILDCAM_OK && text.failed)
        status = wci_fail_memory();
    if (status == WILDCAM_OK)
        status = wci_path(path, "%s/manifest.json", directory);
    if (status == WILDCAM_OK)
        status = wci_file_replace(path, text.data, text.length);
    wci_text_free(&text);
    return status;
}

static wildcam_status read_manifest(const char *database, json_t **out)
{
    char path[WCI_PATH], *text;
    size_t size;
    json_error_t error;
    wildcam_status status = wci_path(path, "%s/manifest.json", database);
    if (status == WILDCAM_OK)
        status = wci_file_load(path, MANIFEST_MAX, &text, &size);
    if (status != WILDCAM_OK)
        return status;
    status = wci_json_read(text, size, out, &error);
    free(text);
    if (status == WILDCAM_ERR_NOMEM)
        return status;
    if (status != WILDCAM_OK)
        return wci_fail_from(WILDCAM_ERR_CORRUPT, "json", 0, "%s is damaged: %s", path, error.text);
    json_int_t format = json_integer_value(json_object_get(*out, "format"));
    if (format == WCI_COPY_FORMAT && json_is_array(json_object_get(*out, "files")))
        return WILDCAM_OK;
    json_decref(*out);
    *out = NULL;
    return format > WCI_COPY_FORMAT
               ? wci_fail(WILDCAM_ERR_VERSION, "%s has format %lld, this library knows up to %d",
                          path, (long long)format, WCI_COPY_FORMAT)
               : wci_fail(WILDCAM_ERR_CORRUPT, "%s is damaged", path);
}

wildcam_status wci_manifest_find(const char *backup, char database[WCI_PATH], json_t **out)
{
    static const char *const names[] = {"database", "database.old"};
    wildcam_status status = WILDCAM_ERR_NOTFOUND;
    *out = NULL;
    for (size_t i = 0; i < 2 && status == WILDCAM_ERR_NOTFOUND; i++) {
        status = wci_path(database, "%s/%s", backup, names[i]);
        if (status == WILDCAM_OK)
            status = read_manifest(database, out);
    }
    return status == WILDCAM_ERR_NOTFOUND ? wci_fail(status, "%s holds no finished backup", backup)
                                          : status;
}

wildcam_status wci_manifest_copy(struct wci_copy *copy, const char *from, const char *to,
                                 const char *digest)
{
    unsigned char sha256[WCI_DIGEST_BYTES];
    char text[WCI_DIGEST_TEXT];
    wildcam_status status = wci_copy_out(copy, from, to, sha256);
    if (status != WILDCAM_OK)
        return status;
    wci_digest_to_text(sha256, text);
    if (strcmp(text, digest) == 0)
        return WILDCAM_OK;
    unlink(to);
    return wci_fail(WILDCAM_ERR_CORRUPT, "%s is not what the backup's manifest says", from);
}
