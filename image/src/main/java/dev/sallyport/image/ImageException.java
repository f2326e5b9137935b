package dev.sallyport.image;

/** What keeps the image from being built, for people: what was found, what was expected, what to do. */
final class ImageException extends RuntimeException {
    ImageException(String message) {
        super(message);
    }
}
