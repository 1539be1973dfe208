using Polygate.Model;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>What a test runs over.</summary>
public enum TransportKind
{
    /// <summary>What the product uses on this machine.</summary>
    Native,

    /// <summary>.NET's sockets: the second opinion.</summary>
    Sockets,
}

/// <summary>Tests of the proxy from outside, the same over every transport.</summary>
public abstract class ProxyTests(TransportKind transport)
{
    /// <summary>A proxy whose one route leads to a backend.</summary>
    internal TestProxy To(TestBackend backend, Func<ForwardAction, ForwardAction>? action = null, ProxyOptions? options = null, params Filter[] filters)
    {
        var forward = new ForwardAction([new WeightedBackend("backend")]);
        return Start(TestProxy.Configuration([TestProxy.Backend("backend", backend.Port)], action is null ? forward : action(forward), filters), options);
    }

    internal TestProxy Start(GatewayConfiguration configuration, ProxyOptions? options = null) => TestProxy.Start(
        configuration,
        (options ?? new ProxyOptions()) with { Transport = transport == TransportKind.Native ? Transports.Create : settings => new SocketsTransport(settings) });
}

public sealed class BodiesOverTheNativeTransport() : BodyTests(TransportKind.Native);

public sealed class BodiesOverDotNetSockets() : BodyTests(TransportKind.Sockets);

public sealed class ForwardingOverTheNativeTransport() : ForwardingTests(TransportKind.Native);

public sealed class ForwardingOverDotNetSockets() : ForwardingTests(TransportKind.Sockets);

public sealed class ConnectionsOverTheNativeTransport() : ConnectionTests(TransportKind.Native);

public sealed class ConnectionsOverDotNetSockets() : ConnectionTests(TransportKind.Sockets);
