package dev.sallyport.bootstrap;

import java.nio.file.Path;
import java.util.Map;

/** Where what was fetched or built once is kept for one user. */
public final class UserCache {
    private UserCache() {}

    /** {@code $SALLYPORT_CACHE}, else {@code $XDG_CACHE_HOME/sallyport}, else {@code ~/.cache/sallyport}; absolute, need not exist. */
    public static Path directory(Map<String, String> environment) {
        String own = environment.getOrDefault("SALLYPORT_CACHE", "");
        if (!own.isEmpty()) {
            return Path.of(own).toAbsolutePath();
        }
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        if (!xdg.isEmpty()) {
            return Path.of(xdg, "sallyport").toAbsolutePath();
        }
        String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
        return Path.of(home, ".cache", "sallyport").toAbsolutePath();
    }
}
