package dev.sallyport.cli;

import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code HOST:PORT}, {@code [ADDRESS]:PORT} for IPv6. */
record HostAndPort(String host, int port) {
    /** Resolved now. */
    InetSocketAddress address() {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new UserError(host + ": unknown host");
        }
        return address;
    }

    /** Reads flags. */
    static final class Converter implements ITypeConverter<HostAndPort> {
        @Override
        public HostAndPort convert(String value) {
            int colon = value.lastIndexOf(':');
            String port = value.substring(colon + 1);
            if (colon < 1 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
                throw new TypeConversionException("'" + value + "' (expected: HOST:PORT, port 0..65535)");
            }
            String host = value.substring(0, colon);
            return new HostAndPort(host.replaceFirst("^\\[(.*)]$", "$1"), Integer.parseInt(port));
        }
    }
}
