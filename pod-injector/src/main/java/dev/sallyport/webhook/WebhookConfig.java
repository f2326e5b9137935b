package dev.sallyport.webhook;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Where the webhook listens and what it bears.
 *
 * @param listen port 0: any that is free
 * @param maxRequest bytes of a request's body; the API server itself takes no larger Pods
 * @param maxConcurrent requests that are worked on at once; others wait
 * @param requestTime within which a request must have come, and those that wait must have had their turn: less than the API server waits for an answer
 * @param idleTime after which a connection without a request is closed: longer than the API server keeps it, so that none is closed under a request
 * @param maxConnections open at once
 * @param drainTime how long {@code close} goes on serving while it says that it is not ready, so that nobody is sent here any more, and again at most until the last answers are out
 */
public record WebhookConfig(
        InetSocketAddress listen,
        int maxRequest,
        int maxConcurrent,
        Duration requestTime,
        Duration idleTime,
        int maxConnections,
        Duration drainTime) {
    /** With what a cluster needs. */
    public static WebhookConfig listeningOn(InetSocketAddress listen) {
        return new WebhookConfig(
                listen, 3 << 20, 8, Duration.ofSeconds(4), Duration.ofMinutes(2), 256, Duration.ofSeconds(5));
    }

    WebhookConfig withRequestTime(Duration time) {
        return new WebhookConfig(listen, maxRequest, maxConcurrent, time, idleTime, maxConnections, drainTime);
    }

    WebhookConfig withDrainTime(Duration time) {
        return new WebhookConfig(listen, maxRequest, maxConcurrent, requestTime, idleTime, maxConnections, time);
    }
}
