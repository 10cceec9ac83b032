/*
 * Where credentials come from. Each source is pure but for the files it reads and the host's
 * callback: one that needs the network says what is to be asked, and reads what was answered.
 */
#ifndef WCI_UPLOAD_CREDENTIAL_SOURCE_H
#define WCI_UPLOAD_CREDENTIAL_SOURCE_H

#include <sys/stat.h>

#include "conf/credentials.h"
#include "upload/transport.h"

/* What is read from the environment: X(NAME, variable) */
#define WCI_VARIABLES(X)                                                                           \
    X(ACCESS_KEY, "AWS_ACCESS_KEY_ID")                                                             \
    X(SECRET_KEY, "AWS_SECRET_ACCESS_KEY")                                                         \
    X(SESSION_TOKEN, "AWS_SESSION_TOKEN")                                                          \
    X(EXPIRATION, "AWS_CREDENTIAL_EXPIRATION")                                                     \
    X(PROFILE, "AWS_PROFILE")                                                                      \
    X(CREDENTIALS_FILE, "AWS_SHARED_CREDENTIALS_FILE")                                             \
    X(CONFIG_FILE, "AWS_CONFIG_FILE")                                                              \
    X(HOME, "HOME")                                                                                \
    X(TOKEN_FILE, "AWS_WEB_IDENTITY_TOKEN_FILE")                                                   \
    X(ROLE_ARN, "AWS_ROLE_ARN")                                                                    \
    X(ROLE_SESSION, "AWS_ROLE_SESSION_NAME")                                                       \
    X(REGION, "AWS_REGION")                                                                        \
    X(DEFAULT_REGION, "AWS_DEFAULT_REGION")                                                        \
    X(STS, "AWS_ENDPOINT_URL_STS")                                                                 \
    X(CONTAINER_PATH, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")                                    \
    X(CONTAINER_URL, "AWS_CONTAINER_CREDENTIALS_FULL_URI")                                         \
    X(CONTAINER_TOKEN, "AWS_CONTAINER_AUTHORIZATION_TOKEN")                                        \
    X(CONTAINER_TOKEN_FILE, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")                              \
    X(INSTANCE, "AWS_EC2_METADATA_SERVICE_ENDPOINT")                                               \
    X(INSTANCE_MODE, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")                                     \
    X(INSTANCE_DISABLED, "AWS_EC2_METADATA_DISABLED")

enum wci_variable {
#define WCI_VARIABLE_ID(id, name) WCI_AWS_##id,
    WCI_VARIABLES(WCI_VARIABLE_ID)
#undef WCI_VARIABLE_ID
        WCI_VARIABLE_COUNT
};

/* The environment as it was: another thread may change it later. An empty variable is none. */
struct wci_surroundings {
    char *values[WCI_VARIABLE_COUNT]; /* NULL for none */
};

wildcam_status wci_surroundings_read(struct wci_surroundings *around);
void wci_surroundings_forget(struct wci_surroundings *around);

enum wci_finding {
    WCI_FOUND,   /* `found` and `lifetime` are filled in */
    WCI_LACKING, /* it is not there: the next source is looked at; `lacks` says what is lacking */
    WCI_ASKING,  /* `exchange` is filled in and to be sent */
    WCI_FAILED   /* it should have some and has not; this thread's sentence says why */
};

enum { WCI_CREDENTIAL_FILES = 2 };

/* One search over the sources. */
struct wci_search {
    const wildcam_conf *conf;
    const struct wci_surroundings *around;
    wildcam_credentials found;
    int64_t lifetime;      /* microseconds from now; WILDCAM_TIME_NONE for ever */
    struct wci_text lacks; /* sentences, for when there is nothing at the end */
    struct wci_exchange exchange;
    int64_t patience; /* how long the exchange may take */
    /* The sources' own. */
    int step;
    struct wci_text body, token;
    bool has_looked_at_files;
    struct stat files[WCI_CREDENTIAL_FILES]; /* as they were; all 0 when they were not there */
};

struct wci_source {
    const char *name;  /* in s3.credentials; NULL for what is not named there */
    const char *words; /* in sentences */
    enum wci_finding (*begin)(struct wci_search *search);
    /* The exchange has ended. NULL for sources that ask nobody. */
    enum wci_finding (*go_on)(struct wci_search *search);
    /* Whether there may be others than those of the last begin(). NULL for no. */
    bool (*has_changed)(const struct wci_search *search);
};

extern const struct wci_source wci_source_settings, wci_source_callback, wci_source_environment,
    wci_source_file, wci_source_web_identity, wci_source_container, wci_source_instance;

void wci_search_init(struct wci_search *search, const wildcam_conf *conf,
                     const struct wci_surroundings *around);
/* Takes back all that a search has come to, and wipes it; what files were like is kept. */
void wci_search_renew(struct wci_search *search);
void wci_search_release(struct wci_search *search);

/* ---- for the sources ---- */

const char *wci_search_variable(const struct wci_search *search, enum wci_variable variable);
/* Adds a sentence, and answers WCI_LACKING. */
enum wci_finding wci_search_lacks(struct wci_search *search, const char *format, ...)
    WCI_PRINTF(2, 3);
/* Sets this thread's sentence, and answers WCI_FAILED. */
enum wci_finding wci_search_fails(wildcam_status status, const char *format, ...) WCI_PRINTF(2, 3);
/* Takes what a source has; the texts are checked. The time is NULL for never. `who` begins the
 * sentence of a failure. */
enum wci_finding wci_search_finds(struct wci_search *search, const char *who,
                                  const char *access_key, const char *secret_key,
                                  const char *session_token, const char *expires);
/* How long what was found is good, from when it expires. */
void wci_search_expires(struct wci_search *search, int64_t time);
/* Empties the exchange for a request. */
void wci_search_asks(struct wci_search *search, const char *method, int64_t patience);
/* Whether an answer came with a status of 200; else this thread's sentence says what came. */
bool wci_search_was_answered(const struct wci_search *search, const char *who);
/* Reads JSON with AccessKeyId, SecretAccessKey, Token and Expiration. */
enum wci_finding wci_search_reads_json(struct wci_search *search, const char *who);

/* A text without the white space at its end, for what files and servers hold. */
void wci_trim_end(struct wci_text *text);
/* Wipes all that a text ever held, and frees it. */
void wci_text_forget(struct wci_text *text);

#endif
