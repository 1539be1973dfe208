using Polygate.Model;
using Polygate.Proxy.Tests.Forwarding;

namespace Polygate.Proxy.Tests.FastCgi;

/// <summary>Tests of a proxy in front of FastCGI applications.</summary>
public abstract class FastCgiTests(TransportKind transport) : ProxyTests(transport)
{
    protected const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    /// <summary>A proxy whose one route leads to an application.</summary>
    internal TestProxy To(TestBackend application, FastCgiSettings? settings = null, ProxyOptions? options = null, params Filter[] filters) => Start(
        TestProxy.Configuration(
            [TestProxy.Backend("backend", application.Port) with { Protocol = BackendProtocol.FastCgi }],
            new ForwardAction([new WeightedBackend("backend")]) { FastCgi = settings ?? new FastCgiSettings(), IdleTimeout = TimeSpan.FromSeconds(10) },
            filters),
        options);
}
