/*
 * S3's requests and answers: where a region is, what is sent there, what comes back. Pure.
 */
#ifndef WCI_UPLOAD_S3_H
#define WCI_UPLOAD_S3_H

#include "conf/conf.h"
#include "upload/sigv4.h"
#include "upload/transport.h"

enum { WCI_BUCKET_TEXT = 64, WCI_KEY_MAX = 1024, WCI_UPLOAD_ID_MAX = 1024 };
enum { WCI_PARTS_MAX = 10000 };

/* A region and its bucket, as the settings have them. */
struct wci_s3_region {
    char name[WCI_REGION_TEXT];
    char signed_as[WCI_REGION_TEXT]; /* differs when a server has corrected it */
    char bucket[WCI_BUCKET_TEXT];
    char *origin;     /* "https://wildcam-us-west-2.s3.us-west-2.amazonaws.com" */
    const char *host; /* in it: with the port that goes into Host */
    char *path;       /* before the key: "/", or "/bucket/" in path style */
    bool is_aws;      /* else it has an endpoint of its own */
    bool is_path_style;
    bool is_https;
    bool sends_checksums; /* x-amz-checksum-sha256 */
    bool sends_if_none_match;
    struct wci_signing_key key;
};

/* All of `s3.regions`, in their order. INVALID names the setting that is at fault. */
wildcam_status wci_s3_regions(const wildcam_conf *conf, struct wci_s3_region **regions,
                              size_t *count);
void wci_s3_regions_free(struct wci_s3_region *regions, size_t count);

/* One region by itself. `bucket` and `endpoint` may hold {region}; an empty endpoint is AWS.
 * INVALID says what is wrong with which of them. */
enum wci_s3_style { WCI_S3_STYLE_AUTO, WCI_S3_STYLE_PATH, WCI_S3_STYLE_HOST };
wildcam_status wci_s3_region_init(struct wci_s3_region *region, const char *name,
                                  const char *bucket, const char *endpoint,
                                  enum wci_s3_style style);
void wci_s3_region_release(struct wci_s3_region *region);
/* A server said that the bucket is in that region (wci_s3_answer.region): what follows is signed
 * for it, and at AWS goes there. The region keeps its own name. */
wildcam_status wci_s3_region_move(struct wci_s3_region *region, const char *signed_as);

enum wci_s3_verb {
    WCI_S3_PUT,
    WCI_S3_HEAD,
    WCI_S3_DELETE,
    WCI_S3_BEGIN_PARTS, /* CreateMultipartUpload */
    WCI_S3_PUT_PART,
    WCI_S3_LIST_PARTS,
    WCI_S3_JOIN_PARTS, /* CompleteMultipartUpload */
    WCI_S3_DROP_PARTS, /* AbortMultipartUpload */
    WCI_S3_VERB_COUNT
};

/* S3's own name for it: "PutObject". */
const char *wci_s3_operation(enum wci_s3_verb verb);

struct wci_s3_part {
    int number; /* 1 to WCI_PARTS_MAX */
    int64_t bytes;
    char etag[80];
    bool has_sha256; /* needed for JOIN_PARTS where the region sends checksums */
    unsigned char sha256[WCI_DIGEST_BYTES];
};

struct wci_s3_call {
    enum wci_s3_verb verb;
    const char *key;
    const char *upload_id; /* of the calls on parts */
    int part;              /* PUT_PART: its number; LIST_PARTS: behind which one */
    struct wci_body body;  /* PUT, PUT_PART */
    /* Of the body; NULL for none: an empty one, or JOIN_PARTS' own. Of BEGIN_PARTS, which has no
     * body, the whole object's, or NULL. PUT and BEGIN_PARTS leave it with the object, as
     * x-amz-meta-sha256, for a later HEAD. */
    const unsigned char *sha256;
    const char *content_type, *cache_control; /* PUT, BEGIN_PARTS; NULL for none */
    const struct wci_pair *metadata; /* PUT, BEGIN_PARTS: x-amz-meta-NAME, without its prefix */
    size_t metadata_count;
    const struct wci_s3_part *parts; /* JOIN_PARTS, in order */
    size_t part_count;
    bool if_none_match; /* PUT, JOIN_PARTS: where the region may */
};

/* Fills in what an exchange asks: method, URL, headers (Host among them), body, and how long the
 * answer may be. `time` is what the region's clock says. JOIN_PARTS' body is kept in `scratch`
 * until the exchange has ended. INVALID names a key or header that no request can carry. */
wildcam_status wci_s3_ask(struct wci_s3_region *region, const struct wci_s3_call *call,
                          const struct wci_credentials *credentials, int64_t time,
                          struct wci_text *scratch, struct wci_exchange *exchange);
/* A GET that anybody may make until it expires. */
wildcam_status wci_s3_presign(struct wci_s3_region *region, const char *key,
                              const struct wci_credentials *credentials, int64_t time,
                              int64_t seconds, struct wci_text *url);
/* INVALID for what is no key: empty, longer than WCI_KEY_MAX bytes, no UTF-8. */
wildcam_status wci_s3_check_key(const char *key);

/* What an answer says. Texts that are not there are "". */
struct wci_s3_answer {
    int status;
    bool is_error; /* also a 200 with <Error> in it */
    char code[64]; /* of the error: "SlowDown" */
    char message[256];
    char region[WCI_REGION_TEXT]; /* where the bucket really is */
    char etag[80];                /* with its quotes taken off */
    char checksum[64];            /* x-amz-checksum-sha256 or -crc64nvme: "sha256:..." */
    char request_id[80];
    int64_t date;           /* by the server's clock, microseconds; WILDCAM_TIME_NONE */
    int64_t retry_after;    /* microseconds; -1 when it does not say */
    bool is_retry_precise;  /* it came as x-amz-retry-after */
    int64_t content_length; /* of HEAD; -1 */
    char sha256[65];        /* of HEAD: x-amz-meta-sha256, or x-amz-checksum-sha256 in hex */
    char upload_id[WCI_UPLOAD_ID_MAX]; /* BEGIN_PARTS */
};

/* Never fails: what cannot be read is an error with a message that says so. */
void wci_s3_read(const struct wci_exchange *exchange, enum wci_s3_verb verb,
                 struct wci_s3_answer *answer);
/* The parts of a LIST_PARTS answer, added; *next is behind which part to go on, 0 at the end. */
wildcam_status wci_s3_read_parts(const struct wci_exchange *exchange, struct wci_s3_part **parts,
                                 size_t *count, size_t *capacity, int *next);

#endif
