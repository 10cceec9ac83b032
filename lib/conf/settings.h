/*
 * The one table of settings. From it come validation, CONFIGURATION.md, the server's config file,
 * --set NAME=VALUE and the environment's WILDCAM_NAMEs.
 *
 * X(ID, name, TYPE, unit, default, min, max, choices, secret, since, help)
 *
 * `choices` are the words of a CHOICE, separated by commas. A TEXT's max is its length in bytes.
 */
#ifndef WCI_CONF_SETTINGS_H
#define WCI_CONF_SETTINGS_H

/* clang-format off */
#define WCI_SETTINGS(X)                                                                            \
    X(DATA_DIR, "data.dir", TEXT, "", "", 0, 2048, "", 0, "0.1",                                   \
      "The directory that holds the station: its databases, its pictures. Needed.")               \
    X(DATA_CREATE, "data.create", BOOL, "", "true", 0, 1, "", 0, "0.1",                            \
      "Whether a station is made when `data.dir` holds none. If not, opening one fails: when a "  \
      "disk is not mounted, its pictures do not go to another.")                                  \
    X(CAMERAS_AUTO_REGISTER, "cameras.auto_register", BOOL, "", "true", 0, 1, "", 0, "0.1",        \
      "Whether a picture or detection from a device that is not known registers the device. If "  \
      "not, it is refused.")                                                                       \
    X(STORE_SHARD, "store.shard", CHOICE, "", "month", 0, 0, "month,day", 0, "0.1",                \
      "What one database file holds. A month that was begun in days goes on in days, one begun "  \
      "whole goes on whole.")                                                                      \
    X(STORE_DURABILITY, "store.durability", CHOICE, "", "full", 0, 0, "full,normal", 0, "0.1",     \
      "full: what is acknowledged survives a loss of power. normal: it survives the end of the "  \
      "process; a loss of power may take what came in the last minute, or of a picture the file " \
      "alone, which `wildcam check` names.")                                                      \
    X(STORE_OPEN_SHARDS, "store.open_shards", INT, "files", "16", 2, 1024, "", 0, "0.1",           \
      "How many shards are kept open at most while nobody uses them.")                            \
    X(STORE_BUSY_TIMEOUT, "store.busy_timeout", NUMBER, "seconds", "10", 0, 3600, "", 0, "0.1",    \
      "How long to wait for another process that is writing.")                                    \
    X(STORE_WAL_BYTES, "store.wal_bytes", SIZE, "bytes", "16777216", 65536, 1073741824, "", 0,     \
      "0.1",                                                                                       \
      "How long a write-ahead log may grow before its content is moved into its database.")       \
    X(IMAGES_MAX_BYTES, "images.max_bytes", SIZE, "bytes", "16777216", 1024, 1073741824, "", 0,    \
      "0.1", "The longest picture that is accepted.")                                             \
    X(IMAGES_MAX_PIXELS, "images.max_pixels", INT, "pixels", "100000000", 1, 4294836225, "", 0,    \
      "0.1",                                                                                       \
      "The most pixels a picture may have. A progressive one may have ten passes over so many, "  \
      "which bounds the time that decoding it takes.")                                            \
    X(IMAGES_MAX_SCANS, "images.max_scans", INT, "scans", "500", 1, 1000000, "", 0, "0.1",         \
      "The most scans (passes) a progressive picture may have. Honest ones have about ten; "      \
      "decoders stop at 500.")                                                                    \
    X(IMAGES_DECODE_BYTES, "images.decode_bytes", SIZE, "bytes", "268435456", 16777216,            \
      1099511627776, "", 0, "0.1",                                                                 \
      "The most memory that decoding may take, all pictures that are decoded at one time "        \
      "together. A picture that needs more by itself is refused.")                                \
    X(IMAGES_THUMBNAIL, "images.thumbnail", GEOMETRY, "pixels", "320x240", 16, 4096, "", 0, "0.1", \
      "The box that a thumbnail fits into, keeping its shape.")                                   \
    X(IMAGES_STRIP, "images.strip", CHOICE, "", "none", 0, 0, "none,place,serial,all", 0, "0.1",   \
      "What the server takes out of the pictures that it hands out: the place (GPS data), the "   \
      "camera's serial number, or both. What is kept stays whole.")                               \
    X(IMAGES_QUARANTINE, "images.quarantine", BOOL, "", "false", 0, 1, "", 0, "0.1",               \
      "Whether pictures that are refused are kept in `quarantine/` in `data.dir`, each with its " \
      "reason beside it.")                                                                         \
    X(IMAGES_QUARANTINE_BYTES, "images.quarantine_bytes", SIZE, "bytes", "104857600", 0,           \
      1099511627776, "", 0, "0.1",                                                                 \
      "How much the quarantine may hold; the oldest go first.")                                   \
    X(DISK_MIN_FREE_BYTES, "disk.min_free_bytes", SIZE, "bytes", "134217728", 0,                   \
      1125899906842624, "", 0, "0.1",                                                              \
      "The disk's floor: nothing new is accepted when less than this is free at `data.dir`.")     \
    X(DISK_MIN_FREE_PERCENT, "disk.min_free_percent", NUMBER, "percent", "0", 0, 90, "", 0, "0.1", \
      "The disk's floor as a part of its size. The higher of the two floors holds.")              \
    X(LOG_LEVEL, "log.level", CHOICE, "", "warning", 0, 0, "error,warning,info,debug", 0, "0.1",   \
      "The least that is written to the log.")                                                    \
    X(LOG_FORMAT, "log.format", CHOICE, "", "text", 0, 0, "text,json", 0, "0.1",                   \
      "How the log on standard error looks: lines of text, or one JSON object per line.")         \
    X(HTTP_LISTEN, "http.listen", TEXT, "", "127.0.0.1:8080", 1, 255, "", 0, "0.1",                \
      "Where the server listens: an address and a port, such as 127.0.0.1:8080 or [::1]:8080; "   \
      "port 0 takes a free one. Only loopback addresses, because there are no keys yet: put a "   \
      "proxy that asks for a password in front to be reached from elsewhere.")                    \
    X(HTTP_CONNECTIONS, "http.connections", INT, "connections", "1000", 1, 100000, "", 0, "0.1",   \
      "How many connections the server serves at once. Some more are held for the health "        \
      "requests.")                                                                                 \
    X(HTTP_THREADS, "http.threads", INT, "threads", "2", 1, 64, "", 0, "0.1",                      \
      "How many threads move bytes.")                                                             \
    X(HTTP_WORKERS, "http.workers", INT, "threads", "16", 1, 1024, "", 0, "0.1",                   \
      "How many threads wait for the disk. Uploads that wait at the same time share a write.")    \
    X(HTTP_IDLE_TIMEOUT, "http.idle_timeout", INT, "seconds", "30", 1, 86400, "", 0, "0.1",        \
      "A connection on which nothing moves for so long is closed.")                               \
    X(HTTP_REQUEST_TIMEOUT, "http.request_timeout", INT, "seconds", "300", 1, 86400, "", 0, "0.1", \
      "A request that has not wholly arrived after so long is cut off.")                          \
    X(HTTP_STOP_TIMEOUT, "http.stop_timeout", INT, "seconds", "10", 0, 3600, "", 0, "0.1",         \
      "How long a server that was told to stop waits for the requests that are under way.")
/* clang-format on */

#endif
