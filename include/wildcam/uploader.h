/**
 * @file uploader.h
 * Uploads one thing at a time to S3, over several regions: a file or bytes, under a key.
 *
 * How the regions are, regions.h tells; a station's own pictures go by upload.h.
 */
#ifndef WILDCAM_UPLOADER_H
#define WILDCAM_UPLOADER_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/conf.h>
#include <wildcam/export.h>
#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Uploads one thing at a time, over several regions: a file or bytes, under a key. */
typedef struct wildcam_uploader wildcam_uploader;

/** What came of such an upload. */
typedef struct wildcam_receipt wildcam_receipt;

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

#ifdef __cplusplus
}
#endif

#endif
