/*
 * Uploads the files of a directory from several threads: what `uploads.py` measures beside other
 * programs. bench_send DIRECTORY PREFIX THREADS; where to, say the settings in the environment.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>

#include "bench.h"

enum { FILES_MAX = 100000 };

struct work {
    wildcam_uploader *uploader;
    const char *directory, *prefix;
    char **names;
    int count;
    atomic_int next;
};

static void *send_files(void *user)
{
    struct work *work = user;
    int i;
    while ((i = work->next++) < work->count) {
        char path[4096], key[1024];
        snprintf(path, sizeof path, "%s/%s", work->directory, work->names[i]);
        snprintf(key, sizeof key, "%s%s", work->prefix, work->names[i]);
        CHECK(wildcam_uploader_send_file(work->uploader, path, key, NULL, NULL));
    }
    return NULL;
}

static void list_files(struct work *work)
{
    struct dirent *entry;
    DIR *directory = opendir(work->directory);
    work->names = calloc(FILES_MAX, sizeof *work->names);
    while (directory && work->names && (entry = readdir(directory)) && work->count < FILES_MAX)
        if (entry->d_name[0] != '.')
            work->names[work->count++] = strdup(entry->d_name);
    if (directory)
        closedir(directory);
}

int main(int argc, char **argv)
{
    wildcam_conf *conf = NULL;
    if (argc != 4) {
        fprintf(stderr, "usage: bench_send DIRECTORY PREFIX THREADS\n");
        return 2;
    }
    struct work work = {.directory = argv[1], .prefix = argv[2]};
    int threads = (int)strtol(argv[3], NULL, 10);
    pthread_t *senders = calloc((size_t)threads, sizeof *senders);
    list_files(&work);
    CHECK(wildcam_conf_new(&conf));
    CHECK(wildcam_conf_load_environment(conf));
    CHECK(wildcam_uploader_open(conf, &work.uploader));
    for (int i = 0; i < threads; i++)
        if (pthread_create(&senders[i], NULL, send_files, &work) != 0)
            return 2;
    for (int i = 0; i < threads; i++)
        pthread_join(senders[i], NULL);
    wildcam_uploader_close(work.uploader);
    wildcam_conf_free(conf);
    for (int i = 0; i < work.count; i++)
        free(work.names[i]);
    free(work.names);
    free(senders);
    return 0;
}
