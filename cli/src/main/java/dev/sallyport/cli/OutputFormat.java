package dev.sallyport.cli;

/** What a command prints for: {@code --output}. */
enum OutputFormat {
    TEXT,
    JSON
}
