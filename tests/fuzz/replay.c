/*
 * Drives a fuzz target without libFuzzer, the same way each time.
 *
 *   TARGET FILE_OR_FOLDER... [data:FOLDER]
 *
 * Every file goes in as it is, cut short at every quarter, and changed in many ways that follow
 * from its content alone. When the target fails, the input is left in replay-failure. Files of a
 * data: folder, one of the real files, are not changed, and the folder may be missing.
 *
 * WILDCAM_FUZZ_ROUNDS  how many changed inputs there are over all files (20000)
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

enum { ROUNDS = 20000, SECONDS_PER_INPUT = 60, INPUT_MAX = 1 << 20, FILES_MAX = 1024 };

struct input {
    char *path;
    uint8_t *data;
    size_t size;
};

static struct input files[FILES_MAX];
static size_t file_count;
/* What the target has at the moment; for the one who looks into a failure. */
static const uint8_t *running;
static size_t running_size;

void __asan_on_error(void); /* called by a sanitizer before it reports */

static void keep_input(void)
{
    static const char words[] = "\nthe input is in replay-failure\n";
    int fd = open("replay-failure", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || !running || write(fd, running, running_size) != (ssize_t)running_size ||
        write(STDERR_FILENO, words, sizeof words - 1) < 0)
        return;
    close(fd);
}

void __asan_on_error(void)
{
    keep_input();
}

static void die(int number)
{
    keep_input();
    signal(number, SIG_DFL);
    raise(number);
}

static void run(const uint8_t *data, size_t size)
{
    uint8_t *exact = fuzz_copy(data, size);
    running = exact;
    running_size = size;
    alarm(SECONDS_PER_INPUT);
    LLVMFuzzerTestOneInput(exact, size);
    running = NULL;
    free(exact);
}

static void add_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX);
    must(file && data && file_count < FILES_MAX);
    size_t size = fread(data, 1, INPUT_MAX, file);
    fclose(file);
    files[file_count++] = (struct input){strdup(path), fuzz_copy(data, size), size};
    free(data);
}

static void add_below(const char *path)
{
    struct dirent **names;
    struct stat status;
    char entry[4096];
    if (stat(path, &status) != 0) {
        perror(path);
        exit(1);
    }
    if (!S_ISDIR(status.st_mode)) {
        add_file(path);
        return;
    }
    int count = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        snprintf(entry, sizeof entry, "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.')
            add_below(entry);
        free(names[i]);
    }
    free(names);
}

/* xorshift64*: what matters is that it is the same everywhere. */
static uint64_t state;

static size_t below(size_t limit)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return limit ? (size_t)((state * UINT64_C(2685821657736338717)) >> 33) % limit : 0;
}

/* One change in place; answers the new size. `data` has room for INPUT_MAX bytes. */
static size_t change(uint8_t *data, size_t size)
{
    static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xff, 0xfe, '\n', '\r', '"', '-', '0', '{'};
    size_t at = below(size), length = 1 + below(size - at < 16 ? size - at : 16);
    const struct input *other = &files[below(file_count)];
    size_t from = below(other->size), piece = below(other->size - from + 1);
    switch (size ? below(7) : 5) {
    case 0:
        data[at] ^= (uint8_t)(1U << below(8));
        return size;
    case 1:
        data[at] = edges[below(sizeof edges)];
        return size;
    case 2: /* a number that is a little off */
        data[at] = (uint8_t)(data[at] + below(9) - 4);
        return size;
    case 3:
        memmove(data + at, data + at + length, size - at - length);
        return size - length;
    case 4: /* the same once more */
        if (size + length > INPUT_MAX)
            return size;
        memmove(data + at + length, data + at, size - at);
        return size + length;
    case 5: /* a piece of another input */
        if (size + piece > INPUT_MAX)
            return size;
        memmove(data + at + piece, data + at, size - at);
        memcpy(data + at, other->data + from, piece);
        return size + piece;
    default:
        return at;
    }
}

static void run_changed(const struct input *input, size_t rounds)
{
    uint8_t *data = malloc(INPUT_MAX);
    must(data != NULL);
    state = UINT64_C(14695981039346656037); /* FNV-1a of the content */
    for (size_t i = 0; i < input->size; i++)
        state = (state ^ input->data[i]) * UINT64_C(1099511628211);
    for (size_t round = 0; round < rounds; round++) {
        size_t size = input->size;
        if (size)
            memcpy(data, input->data, size);
        for (size_t changes = 1 + below(4); changes > 0; changes--)
            size = change(data, size);
        run(data, size);
    }
    free(data);
}

static void add_real_files(const char *folder)
{
    char path[4096];
    const char *named = getenv("WILDCAM_TEST_DATA"), *root = getenv("WILDCAM_SOURCE_ROOT");
    snprintf(path, sizeof path, "%s%s/%s",
             named  ? named
             : root ? root
                    : ".",
             named ? "" : "/../shared/data", folder);
    if (access(path, R_OK) == 0)
        add_below(path);
    else
        printf("SKIP: the real files are not at %s (WILDCAM_TEST_DATA)\n", path);
}

static void watch(void)
{
    signal(SIGABRT, die);
    signal(SIGALRM, die);
#ifndef __SANITIZE_ADDRESS__ /* which reports these itself */
    signal(SIGSEGV, die);
    signal(SIGBUS, die);
    signal(SIGFPE, die);
#endif
}

int main(int argc, char **argv)
{
    const char *wanted = getenv("WILDCAM_FUZZ_ROUNDS");
    size_t rounds = wanted ? strtoul(wanted, NULL, 10) : ROUNDS;
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "data:", 5) != 0)
            add_below(argv[i]);
    size_t own = file_count;
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "data:", 5) == 0)
            add_real_files(argv[i] + 5);
    if (own == 0) {
        fprintf(stderr, "usage: %s FILE_OR_FOLDER... [data:FOLDER]\n", argv[0]);
        return 2;
    }
    watch();
    for (size_t i = 0; i < file_count; i++)
        for (size_t quarter = 0; quarter <= 4; quarter++)
            run(files[i].data, files[i].size * quarter / 4);
    for (size_t i = 0; i < own; i++)
        run_changed(&files[i], rounds / own + 1);
    printf("%zu files, %zu changed\n", file_count, own * (rounds / own + 1));
    for (size_t i = 0; i < file_count; i++) {
        free(files[i].path);
        free(files[i].data);
    }
    return 0;
}
