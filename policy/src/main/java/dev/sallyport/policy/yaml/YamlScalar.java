package dev.sallyport.policy.yaml;

/**
 * A scalar, typed by the core schema of YAML 1.2: only plain (unquoted) text can be anything but a string.
 *
 * @param line from 1
 * @param kind what the core schema takes it for
 * @param text as written, without quotes and with escapes resolved: {@code 0x10} stays {@code 0x10}
 */
public record YamlScalar(int line, Kind kind, String text) implements YamlNode {
    /** The scalar types of the core schema. */
    public enum Kind {
        STRING("a string"),
        INTEGER("an integer"),
        FLOAT("a decimal number"),
        BOOLEAN("a boolean"),
        NULL("nothing (null)");

        private final String name;

        Kind(String name) {
            this.name = name;
        }
    }

    public boolean isString() {
        return kind == Kind.STRING;
    }

    @Override
    public String type() {
        return kind.name;
    }

    @Override
    public String toString() {
        return type() + " at line " + line;
    }
}
