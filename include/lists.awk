# For the reference: writes out the enumerators that a header makes from a list, each with the
# list's words. Doxygen sees only what stands in the text.
/^#define WILDCAM_[A-Z_]*_LIST\(X\)/ { count = 0 }
/^    X\(/ {
    name = $0
    sub(/^ *X\(/, "", name)
    value = name
    sub(/,.*/, "", name)
    sub(/^[^,]*, */, "", value)
    sub(/[,)].*/, "", value)
    words = $0
    sub(/^[^"]*"/, "", words)
    sub(/".*/, "", words)
    names[count] = name
    values[count] = value
    texts[count++] = words == "" ? "not known" : words
}
/^#define WILDCAM_[A-Z_]*_VALUE\(/ {
    prefix = $0
    sub(/^[^)]*\) /, "", prefix)
    sub(/##.*/, "", prefix)
    for (i = 0; i < count; i++)
        print prefix names[i] " = " values[i] ", /**< " texts[i] " */"
    next
}
/_LIST\(WILDCAM_[A-Z_]*_VALUE\)/ || /^#undef WILDCAM_[A-Z_]*_VALUE/ { next }
{ print }
