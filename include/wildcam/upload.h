/**
 * @file upload.h
 * Pictures on their way to S3, over several regions, whatever the network does.
 */
#ifndef WILDCAM_UPLOAD_H
#define WILDCAM_UPLOAD_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/conf.h>
#include <wildcam/export.h>
#include <wildcam/station.h>
#include <wildcam/status.h>
#include <wildcam/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Uploads one thing at a time, over several regions: a file or bytes, under a key. */
typedef struct wildcam_uploader wildcam_uploader;

/** What came of such an upload. */
typedef struct wildcam_receipt wildcam_receipt;

/** How the regions were at one moment. */
typedef struct wildcam_regions wildcam_regions;

/* ---- One thing at a time ---- */

/**
 * Opens an uploader that stands by itself: no station, no directory, no thread.
 *
 * It needs the settings `s3.*` and credentials: those of the settings, of
 * wildcam_conf_set_credentials(), or those that `s3.credentials` finds. They are looked for when
 * something is sent. `s3.upload` is about a station's pictures and changes nothing here.
 *
 * @param conf  the settings; copied. `data.dir` is not looked at.
 * @param out   where the uploader goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_STATE when `s3.regions` is empty; #WILDCAM_ERR_INVALID when an
 *         argument is NULL, settings contradict each other or `s3.ca_file` cannot be read;
 *         #WILDCAM_ERR_IO when the system gives no descriptors; #WILDCAM_ERR_UNSUPPORTED when
 *         libcurl cannot do what is needed; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, closed with wildcam_uploader_close().
 * Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_uploader_open(const wildcam_conf *conf, wildcam_uploader **out);

/**
 * Opens an uploader with a station's settings, connections, credentials and view of the regions.
 *
 * What is sent with it is no picture of the station and leaves no trace there. Its pause and its
 * rate are those of the station's own uploads too: of wildcam_station_start() and, but for
 * #WILDCAM_UPLOAD_NOW, of wildcam_station_upload().
 *
 * @param station  the station.
 * @param out      where the uploader goes; NULL on failure.
 * @return #WILDCAM_OK; as wildcam_uploader_open() when the settings of an S3 that nothing was
 *         uploaded to so far cannot be followed; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, closed with wildcam_uploader_close(), before or after the station: once
 * that is closed its calls answer #WILDCAM_ERR_CLOSED. Closing the station ends what it is sending.
 * Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_open_uploader(wildcam_station *station,
                                                         wildcam_uploader **out);

/**
 * Closes an uploader and its connections; of a station's, the connections stay.
 *
 * @param self  the uploader, or NULL.
 *
 * Ownership: ends the caller's. Receipts and regions stay as they are.
 * Thread safety: no other call on it may be under way. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_uploader_close(wildcam_uploader *self);

/**
 * Uploads a file: to the first region of `s3.regions` that takes it, each tried `s3.attempts`
 * times, for `s3.deadline` seconds; a request that moves is not cut off then.
 *
 * The file must stay as it is meanwhile. A large one goes in parts (`s3.multipart_bytes`). What S3
 * takes, it has compared with a SHA-256 of what was read here. Any object that was there under the
 * key is replaced, unless `s3.if_none_match` says otherwise.
 *
 * Where the key's last part begins with the content's SHA-256, 32 digits of it or more, the object
 * is marked `Cache-Control: public, max-age=31536000, immutable`: such a key never gets another
 * content. Others are not marked.
 *
 * @param self          the uploader.
 * @param path          the file; a regular one.
 * @param key           the object's key: 1 to 1024 bytes of UTF-8.
 * @param content_type  its media type; NULL: by the key's ending, `.jpg` is `image/jpeg`, what is
 *                      not known `application/octet-stream`.
 * @param receipt       where goes what came of it; may be NULL. It is given with #WILDCAM_OK and,
 *                      as no other call does, with #WILDCAM_ERR_UPLOAD; else it is NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_UPLOAD when no region took it: the sentence begins with
 *         "All regions failed" and names the reason of each; #WILDCAM_ERR_CANCELLED when the
 *         progress function ended it; #WILDCAM_ERR_DENIED when there are no credentials, or the
 *         file may not be read; #WILDCAM_ERR_NOTFOUND when there is no such file; #WILDCAM_ERR_IO
 *         when it cannot be read, or a source of credentials not be asked; #WILDCAM_ERR_TOOLARGE
 *         when S3 does not take that much; #WILDCAM_ERR_EXISTS when `s3.if_none_match` is on and
 *         the key has another content; #WILDCAM_ERR_STATE while it is paused;
 *         #WILDCAM_ERR_INVALID when an argument is outside its limits, no regular file, or nothing
 *         that S3 takes; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the receipt is the caller's, freed with wildcam_receipt_free().
 * Thread safety: any thread, at any time; many at once share connections. Blocking: disk and
 * network.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_uploader_send_file(wildcam_uploader *self, const char *path,
                                                      const char *key, const char *content_type,
                                                      wildcam_receipt **receipt);

/**
 * Uploads bytes, as wildcam_uploader_send_file() does a file.
 *
 * @param self          the uploader.
 * @param data          the bytes; they must stay as they are until the call ends. May be NULL when
 *                      @p size is 0.
 * @param size          how many.
 * @param key           the object's key: 1 to 1024 bytes of UTF-8.
 * @param content_type  its media type; NULL: by the key's ending.
 * @param receipt       where goes what came of it; may be NULL. It is given with #WILDCAM_OK and
 *                      #WILDCAM_ERR_UPLOAD; else it is NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_UPLOAD when no region took it; #WILDCAM_ERR_CANCELLED;
 *         #WILDCAM_ERR_DENIED when there are no credentials; #WILDCAM_ERR_IO when a source of
 *         credentials cannot be asked; #WILDCAM_ERR_TOOLARGE; #WILDCAM_ERR_EXISTS;
 *         #WILDCAM_ERR_STATE while it is paused; #WILDCAM_ERR_INVALID when an argument is outside
 *         its limits; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the receipt is the caller's, freed with wildcam_receipt_free().
 * Thread safety: any thread, at any time; many at once share connections. Blocking: network.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_uploader_send_buffer(wildcam_uploader *self, const void *data,
                                                        size_t size, const char *key,
                                                        const char *content_type,
                                                        wildcam_receipt **receipt);

/**
 * Sets what is told how far a sending is: ten times a second or so, on the thread that sends, with
 * the phase "upload" and the bytes that went out. What has to be sent again does not count twice.
 *
 * @param self  the uploader.
 * @param fn    the function, or NULL for none. It may end the sending.
 * @param user  handed to it.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED.
 *
 * Ownership: @p user stays the caller's. Thread safety: any thread; it holds for what is sent from
 * then on. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_uploader_set_progress(wildcam_uploader *self,
                                                         wildcam_progress_fn *fn, void *user);

/**
 * Pauses: nothing new is sent, what is under way goes on. Sending answers #WILDCAM_ERR_STATE
 * until it is lifted. Of a station's uploader it is the station's pause: its pictures wait, too. A
 * few requests without a body go on, for what may lie in two places and for what may be released.
 *
 * @param self    the uploader.
 * @param paused  1 to pause, 0 to lift it.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL or @p paused neither 0 nor 1;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_uploader_set_pause(wildcam_uploader *self, int paused);

/**
 * Tells whether it is paused.
 *
 * @param self  the uploader.
 * @return 1 when it is, else 0; 0 for NULL and when the station is closed.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_uploader_get_pause(const wildcam_uploader *self);

/**
 * Changes how fast bytes may go out, all transfers together, those of a station's pictures too. It
 * takes the place of `s3.rate_limit` until the uploader, or its station, is closed.
 *
 * @param self              the uploader.
 * @param bytes_per_second  0 for no limit, at most 2^50.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is outside its limits;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_uploader_set_rate(wildcam_uploader *self,
                                                     int64_t bytes_per_second);

/**
 * How many bytes have gone out since it was opened, those sent again included, headers not.
 *
 * @param self  the uploader.
 * @return the bytes; 0 for NULL and when the station is closed.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_uploader_get_sent(const wildcam_uploader *self);

/**
 * Forgets what regions are down for: the uplink has come back, or a setting elsewhere was put
 * right. All may be tried again at once.
 *
 * @param self  the uploader.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when @p self is NULL; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_uploader_retry_now(wildcam_uploader *self);

/**
 * Makes a URL by which anybody may GET an object until it expires. Nothing is asked of S3: whether
 * the object is there, or the credentials may read it, is seen when it is used. With temporary
 * credentials it ends with them.
 *
 * @param self     the uploader.
 * @param region   where the object is, as wildcam_receipt_get_region() tells; NULL: where uploads
 *                 go now.
 * @param key      the object's key: 1 to 1024 bytes of UTF-8.
 * @param seconds  how long it is good for, 1 to 604800; 0: as `s3.presign_seconds` says.
 * @param url      where it goes; NULL on failure. It is as good as a password for that object.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such region in `s3.regions`;
 *         #WILDCAM_ERR_DENIED when there are no credentials; #WILDCAM_ERR_IO when their source
 *         cannot be asked; #WILDCAM_ERR_INVALID when an argument is outside its limits;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM; #WILDCAM_ERR_CANCELLED when
 *         the station ends its uploads meanwhile.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: any thread, at any time.
 * Blocking: network, only while credentials have to be fetched.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_uploader_presign(wildcam_uploader *self, const char *region,
                                                    const char *key, int64_t seconds, char **url);

/**
 * The address of an object in the content delivery network of `cdn.base_url`.
 *
 * @param self  the uploader.
 * @param key   the object's key: 1 to 1024 bytes of UTF-8.
 * @param url   where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_STATE when `cdn.base_url` is empty; #WILDCAM_ERR_INVALID when
 *         an argument is outside its limits; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED;
 *         #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_free(). Thread safety: any thread, at any time.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_uploader_cdn_url(wildcam_uploader *self, const char *key,
                                                    char **url);

/* ---- What came of it ---- */

/**
 * Frees a receipt.
 *
 * @param self  the receipt, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_receipt_free(wildcam_receipt *self);

/**
 * The region that has it, by its name in `s3.regions`.
 *
 * @param self  the receipt.
 * @return the name; "" when none has. Never NULL.
 *
 * Ownership: borrowed, valid until the receipt is freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_receipt_get_region(const wildcam_receipt *self);

/**
 * The bucket that it is in.
 *
 * @param self  the receipt.
 * @return the name; "" when it is in none. Never NULL.
 *
 * Ownership: borrowed, valid until the receipt is freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_receipt_get_bucket(const wildcam_receipt *self);

/**
 * The key that it was sent under.
 *
 * @param self  the receipt.
 * @return the key; "" for NULL.
 *
 * Ownership: borrowed, valid until the receipt is freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_receipt_get_key(const wildcam_receipt *self);

/**
 * The entity tag that S3 gave it, without its quotes.
 *
 * @param self  the receipt.
 * @return the tag; "" when it is not there. Never NULL.
 *
 * Ownership: borrowed, valid until the receipt is freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_receipt_get_etag(const wildcam_receipt *self);

/**
 * The checksum that S3 says it has, such as "sha256:" and its Base64, or "crc64nvme:" and its.
 *
 * @param self  the receipt.
 * @return the checksum; "" when S3 gave none. Never NULL.
 *
 * Ownership: borrowed, valid until the receipt is freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_receipt_get_checksum(const wildcam_receipt *self);

/**
 * The SHA-256 of what was sent, made here.
 *
 * @param self  the receipt.
 * @return 64 hexadecimal digits; "" for NULL.
 *
 * Ownership: borrowed, valid until the receipt is freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_receipt_get_sha256(const wildcam_receipt *self);

/**
 * How long it is.
 *
 * @param self  the receipt.
 * @return the bytes; 0 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_receipt_get_bytes(const wildcam_receipt *self);

/**
 * How many requests it took, in all regions.
 *
 * @param self  the receipt.
 * @return the number; 0 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_receipt_get_requests(const wildcam_receipt *self);

/**
 * Where else something of it may be: a region stored it, perhaps, and could not say so, or holds
 * parts that could not be dropped. Names of regions with blanks between; for parts NAME#ID, with
 * the id of the multipart upload.
 *
 * @param self  the receipt.
 * @return the list; "" when nothing is in doubt. Never NULL.
 *
 * Ownership: borrowed, valid until the receipt is freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_receipt_get_doubts(const wildcam_receipt *self);

/**
 * How many regions have failed before one took it, or all did.
 *
 * @param self  the receipt.
 * @return the number; 0 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API size_t wildcam_receipt_count_reasons(const wildcam_receipt *self);

/**
 * One of them.
 *
 * @param self   the receipt.
 * @param index  from 0 on.
 * @return its name in `s3.regions`; "" past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the receipt is freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_receipt_get_reason_region(const wildcam_receipt *self,
                                                          size_t index);

/**
 * Why it failed, the last time that it was tried.
 *
 * @param self   the receipt.
 * @param index  from 0 on.
 * @return a few words, such as "503 SlowDown: ..."; "" past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the receipt is freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_receipt_get_reason(const wildcam_receipt *self, size_t index);

/* ---- The regions ---- */

/**
 * Looks how the regions are, without asking them.
 *
 * @param self  the uploader.
 * @param out   where it goes; NULL on failure. In the order of `s3.regions`.
 * @return #WILDCAM_OK; #WILDCAM_ERR_INVALID when an argument is NULL; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_regions_free().
 * Thread safety: any thread, at any time. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_uploader_get_regions(wildcam_uploader *self,
                                                        wildcam_regions **out);

/**
 * Frees them.
 *
 * @param self  the regions, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_regions_free(wildcam_regions *self);

/**
 * How many there are.
 *
 * @param self  the regions.
 * @return the number; 0 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API size_t wildcam_regions_count(const wildcam_regions *self);

/**
 * A region's name in `s3.regions`.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the name; "" past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the regions are freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_regions_get_name(const wildcam_regions *self, size_t index);

/**
 * Its bucket.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the name; "" past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the regions are freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_regions_get_bucket(const wildcam_regions *self, size_t index);

/**
 * Where its requests go.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return such as "https://s3.us-west-2.amazonaws.com"; "" past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the regions are freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_regions_get_endpoint(const wildcam_regions *self, size_t index);

/**
 * How it is: "untried"; "ok"; "down", not tried for a while; "probing", one upload tries it
 * again; "offline", the uplink is down; "throttled", asks for fewer requests; "misconfigured",
 * the credentials or the bucket are wrong.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the word; "" past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the regions are freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_regions_get_state(const wildcam_regions *self, size_t index);

/**
 * Why something failed there, the last time.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return a few words; "" when nothing has, and past the end. Never NULL.
 *
 * Ownership: borrowed, valid until the regions are freed. Thread safety: one thread at a time per
 * object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_regions_get_reason(const wildcam_regions *self, size_t index);

/**
 * Whether uploads go there now.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return 1 or 0.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_regions_is_current(const wildcam_regions *self, size_t index);

/**
 * How many requests were under way there.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the number; 0 past the end.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_regions_get_under_way(const wildcam_regions *self, size_t index);

/**
 * How many requests were sent there since the uploader, or its station, was opened.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the number; 0 past the end.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_regions_get_requests(const wildcam_regions *self, size_t index);

/**
 * How many of them went wrong for the region's sake, or the way's there.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return the number; 0 past the end.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_regions_get_failures(const wildcam_regions *self, size_t index);

/**
 * How far its clock is from ours.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return microseconds, positive when it is ahead; 0 past the end and while it does not matter.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_regions_get_skew(const wildcam_regions *self, size_t index);

/**
 * How long it is not tried.
 *
 * @param self   the regions.
 * @param index  from 0 on.
 * @return microseconds from then on; 0 when it may be tried, and past the end.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_regions_get_wait(const wildcam_regions *self, size_t index);

/** What is owed to S3 for a picture: how far it is. */
typedef struct wildcam_upload wildcam_upload;

/* ---- The queue of a station ---- */

/** What is uploaded for each picture. */
enum {
    WILDCAM_UPLOAD_PICTURE = 0,  /**< The picture itself. */
    WILDCAM_UPLOAD_THUMBNAIL = 1 /**< A small copy of it. */
};

/** How far it is. */
enum {
    WILDCAM_UPLOAD_DUE = 0,   /**< It is owed. */
    WILDCAM_UPLOAD_DONE = 1,  /**< S3 has it. */
    WILDCAM_UPLOAD_PARKED = 2 /**< It cannot be uploaded: wildcam_station_retry_uploads(). */
};

/** How wildcam_station_upload() goes about it; the values can be added up. */
enum {
    /** A person waits: whatever `s3.window`, a pause and the next try of what failed say. Regions
     *  that are down are waited for, but no longer than for ten seconds. */
    WILDCAM_UPLOAD_NOW = 1
};

/**
 * Uploads what is owed, in the caller's thread, until nothing is due any more. Outside of
 * `s3.window`, and while it is paused, it does nothing, unless a person waits
 * (#WILDCAM_UPLOAD_NOW).
 *
 * For programs with a loop of their own, and for tools. It works with and without
 * wildcam_station_start(), and beside other processes that do the same: what one of them has begun
 * is left to it. What fails is noted in its row and tried again later, on a call of its own or in
 * the background; what cannot ever be uploaded is parked.
 *
 * @param self       the station.
 * @param how        0, or #WILDCAM_UPLOAD_NOW.
 * @param budget_ms  how many milliseconds it may take, 0 or more. What is under way at their end is
 *                   given up and begun anew next time, but for what goes in parts
 *                   (`s3.multipart_bytes`), so give more than the largest picture needs.
 * @param most       how many objects at most; 0 for no limit.
 * @param progress   tells how many are done of those that were owed, and may end the call; may be
 *                   NULL.
 * @param user       handed to @p progress.
 * @param uploaded   where the number of those that S3 has now goes; may be NULL.
 * @param failed     where the number of those that failed or were parked goes; may be NULL.
 * @return #WILDCAM_OK, also when some failed or the budget ended; #WILDCAM_ERR_UPLOAD when no
 *         region can be reached at present, with the reasons; #WILDCAM_ERR_STATE when
 *         the settings say that nothing is uploaded (`s3.upload`); #WILDCAM_ERR_CANCELLED when
 *         @p progress ended it; #WILDCAM_ERR_IO, #WILDCAM_ERR_DENIED, #WILDCAM_ERR_NOSPACE,
 *         #WILDCAM_ERR_CORRUPT or #WILDCAM_ERR_BUSY when the rows cannot be read or written;
 *         #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. The two numbers are written then too.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: network and disk, for the
 * budget and as long as the disk needs to note what came of it.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_upload(wildcam_station *self, uint32_t how,
                                                  int64_t budget_ms, int64_t most,
                                                  wildcam_progress_fn *progress, void *user,
                                                  int64_t *uploaded, int64_t *failed);

/**
 * Tells how much is owed to S3. Thumbnails count when `s3.thumbnails` is not off; what is in a
 * shard that cannot be read does not, which the log tells.
 *
 * @param self    the station.
 * @param owed    where the number of objects goes; may be NULL.
 * @param oldest  where goes since when the oldest of them is owed, in microseconds UTC, or
 *                #WILDCAM_TIME_NONE when there is none; may be NULL.
 * @param parked  where the number of those goes that cannot be uploaded; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY; #WILDCAM_ERR_INVALID when @p self is NULL;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. Nothing is written to the
 *         numbers then.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk; nothing while no shard
 * has changed.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_count_uploads(wildcam_station *self, int64_t *owed,
                                                         int64_t *oldest, int64_t *parked);

/**
 * Makes what is parked due again, at once: after a setting was put right, say.
 *
 * @param self   the station.
 * @param count  where the number of objects goes; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE;
 *         #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY when another process held a shard for longer than
 *         `store.busy_timeout`; #WILDCAM_ERR_INVALID when @p self is NULL; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM. Those made due before the failure stay due.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_retry_uploads(wildcam_station *self, int64_t *count);

/**
 * Looks up how far a picture's upload is.
 *
 * @param self      the station.
 * @param image_id  the picture's id.
 * @param kind      #WILDCAM_UPLOAD_PICTURE or #WILDCAM_UPLOAD_THUMBNAIL.
 * @param out       where it goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such picture; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_upload_free().
 * Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_get_upload(wildcam_station *self, int64_t image_id,
                                                      int kind, wildcam_upload **out);

/**
 * Frees what wildcam_station_get_upload() gave.
 *
 * @param self  the upload, or NULL.
 *
 * Ownership: ends the caller's. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API void wildcam_upload_free(wildcam_upload *self);

/**
 * The picture it is about.
 *
 * @param self  the upload.
 * @return its id; 0 for NULL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_image_id(const wildcam_upload *self);

/**
 * What is uploaded.
 *
 * @param self  the upload.
 * @return #WILDCAM_UPLOAD_PICTURE or #WILDCAM_UPLOAD_THUMBNAIL.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_upload_get_kind(const wildcam_upload *self);

/**
 * How far it is.
 *
 * @param self  the upload.
 * @return one of the WILDCAM_UPLOAD_ states.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_upload_get_state(const wildcam_upload *self);

/**
 * The region that has it; while it goes in parts, the one they go to.
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_region(const wildcam_upload *self);

/**
 * The bucket in that region.
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_bucket(const wildcam_upload *self);

/**
 * Its key, such as "images/2026/11/26/CAM-7/0123456789abcdef0123456789abcdef.jpg".
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_key(const wildcam_upload *self);

/**
 * Its ETag, without the quotes.
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_etag(const wildcam_upload *self);

/**
 * The checksum that the server answered with: its kind, ":" and the base64 of it.
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_checksum(const wildcam_upload *self);

/**
 * How often it has failed since it came to be owed, not counting when the uplink was down.
 *
 * @param self  the upload.
 * @return the number.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int wildcam_upload_get_attempts(const wildcam_upload *self);

/**
 * Why it was not uploaded the last time.
 *
 * @param self  the upload.
 * @return the text, "" when there is none.
 *
 * Ownership: borrowed, valid as long as the object. Thread safety: one thread at a time per object.
 * Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API const char *wildcam_upload_get_last_error(const wildcam_upload *self);

/**
 * When it came to be owed.
 *
 * @param self  the upload.
 * @return microseconds UTC.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_since(const wildcam_upload *self);

/**
 * When it is tried again at the earliest.
 *
 * @param self  the upload.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when nothing stands in its way, or it is not owed.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_next_try(const wildcam_upload *self);

/**
 * When it was uploaded.
 *
 * @param self  the upload.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when it is not.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_uploaded_at(const wildcam_upload *self);

/**
 * When the picture's file was deleted here because S3 has it.
 *
 * @param self  the upload.
 * @return microseconds UTC; #WILDCAM_TIME_NONE when it was not.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_released_at(const wildcam_upload *self);

/**
 * How long the object is.
 *
 * @param self  the upload.
 * @return bytes; -1 while that is not known.
 *
 * Ownership: none. Thread safety: one thread at a time per object. Blocking: none.
 *
 * @since 0.1
 */
WILDCAM_API int64_t wildcam_upload_get_bytes(const wildcam_upload *self);

/**
 * Makes an address at which a picture that was uploaded can be read: at `cdn.base_url` when that is
 * set, else a presigned one at the region that has it. Nobody is asked whether it is still there.
 *
 * @param self      the station.
 * @param image_id  the picture's id.
 * @param kind      #WILDCAM_UPLOAD_PICTURE or #WILDCAM_UPLOAD_THUMBNAIL.
 * @param seconds   how long a presigned address is good, 1 to 604800; 0 for `s3.presign_seconds`.
 * @param url       where the address goes; NULL on failure.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no such picture or it is not uploaded;
 *         #WILDCAM_ERR_STATE when the region that has it is not among `s3.regions` any more, or its
 *         bucket is another by now, or there are no credentials to sign with;
 *         #WILDCAM_ERR_UPLOAD when they cannot be had at present; #WILDCAM_ERR_IO;
 *         #WILDCAM_ERR_DENIED; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_CORRUPT; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_INVALID when an argument is outside its limits; #WILDCAM_ERR_CLOSED;
 *         #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: the caller's, freed with wildcam_free().
 * Thread safety: any thread, at any time. Blocking: disk; network when credentials have to be
 * fetched first.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_image_url(wildcam_station *self, int64_t image_id,
                                                     int kind, int64_t seconds, char **url);

/**
 * Deletes picture files that S3 has, as `release.keep_days` and `release.min_free_bytes` say; the
 * oldest uploads first. Each is asked for before, and its size and content are compared; one that
 * is not there any more comes to be owed again. Rows and thumbnails stay.
 *
 * wildcam_station_start() does this too, in the background. Reading a released picture answers
 * #WILDCAM_ERR_RELEASED; wildcam_station_image_url() tells where it is.
 *
 * @param self       the station.
 * @param budget_ms  after this many milliseconds no further picture is begun; 0 or more.
 * @param released   where the number of pictures goes; may be NULL.
 * @param bytes      where their size goes; may be NULL.
 * @return #WILDCAM_OK, also when the settings release nothing; #WILDCAM_ERR_UPLOAD when no region
 *         can be reached at present, with the reason of each; #WILDCAM_ERR_INVALID when an argument
 *         is outside its limits; #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_NOMEM.
 *         Trouble with one picture goes to the log.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: network and disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_release(wildcam_station *self, int64_t budget_ms,
                                                   int64_t *released, int64_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
