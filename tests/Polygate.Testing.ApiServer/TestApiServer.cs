using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Polygate.Testing.ApiServer.Access;
using Polygate.Testing.ApiServer.Faults;
using Polygate.Testing.ApiServer.Serving;
using Polygate.Testing.ApiServer.Store;
using Polygate.Testing.ApiServer.Types;
using Polygate.Testing.ApiServer.Writing;

namespace Polygate.Testing.ApiServer;

/// <summary>
/// A Kubernetes API server for tests, in the process of the test: HTTP/1.1 and HTTP/2 over TLS on a loopback address of its own,
/// bearer tokens, and the behaviour of the real one where a controller meets it. README.md says what is there and what is not;
/// contract tests hold it to a real kube-apiserver.
/// </summary>
public sealed class TestApiServer : IAsyncDisposable
{
    private static int nextAddress = Random.Shared.Next(1, 200 * 250 * 200);

    private readonly ObjectStore store = new();
    private readonly Tokens tokens = new();
    private readonly ConcurrentQueue<ApiCall> calls = new();
    private readonly TypeRegistry types = new();
    private readonly ControlPlane control;
    private readonly X509Certificate2 authority;
    private readonly X509Certificate2 certificate;
    private readonly ApiHandler handler;
    private readonly IPAddress address = NextAddress();
    private WebApplication? application;
    private int port;

    private TestApiServer(TimeProvider time, TimeSpan bookmarkInterval, bool allowsLoopbackEndpoints)
    {
        (authority, certificate) = ServerCertificate.Issue(address);
        control = new ControlPlane(store, types, time, allowsLoopbackEndpoints);
        handler = new ApiHandler(store, types, control, Faults, tokens, bookmarkInterval, calls);
        AdminToken = tokens.Issue(new User("admin", ["system:masters", "system:authenticated"]));
        foreach (var name in new[] { "default", "kube-system" })
        {
            Write(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } });
        }
    }

    /// <summary>Where it listens; the same after a restart.</summary>
    public Uri Address => new($"https://{address}:{port}");

    /// <summary>The certificate authority of the server's certificate, PEM.</summary>
    public string AuthorityPem => authority.ExportCertificatePem();

    /// <summary>A token that may do everything (group <c>system:masters</c>).</summary>
    public string AdminToken { get; }

    public FaultSwitches Faults { get; } = new();

    /// <summary>What was asked since the start, in the order of the answers; a watch when it ended.</summary>
    public IReadOnlyCollection<ApiCall> Calls => calls;

    /// <summary>Starts a server that is empty but for the namespaces <c>default</c> and <c>kube-system</c>.</summary>
    /// <param name="time">The clock of timestamps; the system's where null.</param>
    /// <param name="bookmarkInterval">How often watches get a bookmark; a second where null (the real one's minute is long for a test).</param>
    /// <param name="allowsLoopbackEndpoints">Whether EndpointSlices may point to loopback addresses, which the real one refuses.</param>
    public static async Task<TestApiServer> StartAsync(TimeProvider? time = null, TimeSpan? bookmarkInterval = null, bool allowsLoopbackEndpoints = false)
    {
        var server = new TestApiServer(time ?? TimeProvider.System, bookmarkInterval ?? TimeSpan.FromSeconds(1), allowsLoopbackEndpoints);
        await server.ListenAsync();
        return server;
    }

    /// <summary>Issues a token for a user, whose rights come from the RBAC objects in the server.</summary>
    public string IssueToken(string user, params string[] groups) => tokens.Issue(new User(user, [.. groups, "system:authenticated"]));

    /// <summary>Makes a token unknown: 401 from now on.</summary>
    public void RevokeToken(string token) => tokens.Revoke(token);

    /// <summary>A kubeconfig for a token, the admin's where null.</summary>
    public string Kubeconfig(string? token = null) => $$"""
        apiVersion: v1
        kind: Config
        clusters: [{ name: test, cluster: { server: "{{Address.GetLeftPart(UriPartial.Authority)}}", certificate-authority-data: {{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(AuthorityPem))}} } }]
        users: [{ name: test, user: { token: {{token ?? AdminToken}} } }]
        contexts: [{ name: test, context: { cluster: test, user: test } }]
        current-context: test
        """;

    /// <summary>A client that trusts the server and carries a token: the admin's where null, none where empty.</summary>
    public HttpClient CreateClient(string? token = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, offered, _, _) => offered?.Issuer == authority.Subject } })
        {
            BaseAddress = Address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (token != "")
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", token ?? AdminToken);
        }

        return client;
    }

    /// <summary>
    /// Puts an object, whatever faults are on and also while the server is stopped: as another client with a better network does.
    /// An object that is there is replaced, but for its status.
    /// </summary>
    public void Write(JsonObject manifest) => Put(manifest, "");

    /// <summary>Puts the status of an object that is there, in the same way.</summary>
    public void WriteStatus(JsonObject manifest) => Put(manifest, "status");

    /// <summary>An object as it is stored; null when there is none.</summary>
    /// <param name="resource">Plural and group, such as <c>ingresses.networking.k8s.io</c>.</param>
    /// <param name="namespace">Namespace; empty for cluster-scoped resources.</param>
    /// <param name="name">Name.</param>
    public JsonObject? Find(string resource, string @namespace, string name) =>
        store.Find(types.All.Single(type => type.QualifiedPlural == resource).Id, @namespace, name)?.Read();

    /// <summary>Deletes an object in the same way.</summary>
    /// <param name="resource">Plural and group, such as <c>ingresses.networking.k8s.io</c>.</param>
    /// <param name="namespace">Namespace; empty for cluster-scoped resources.</param>
    /// <param name="name">Name.</param>
    public void Delete(string resource, string @namespace, string name) =>
        control.Delete(types.All.Single(type => type.QualifiedPlural == resource), @namespace, name, preconditions: null, dryRun: false);

    /// <summary>Ends every watch, as a load balancer or a restart of a replica does.</summary>
    public void DropWatches() => store.EndWatches();

    /// <summary>Forgets the history: resuming a watch or a chunked list is answered 410 from now on.</summary>
    public void ExpireHistory() => store.Compact();

    /// <summary>Kills the server: connections break and new ones are refused. Its objects stay, as etcd keeps them.</summary>
    public async Task StopAsync()
    {
        if (application is { } running)
        {
            application = null;
            store.EndWatches();
            await running.StopAsync(new CancellationToken(canceled: true));
            await running.DisposeAsync();
        }
    }

    /// <summary>Starts it again at the same address.</summary>
    public Task RestartAsync() => ListenAsync();

    public async ValueTask DisposeAsync()
    {
        Faults.Clear();
        await StopAsync();
        certificate.Dispose();
        authority.Dispose();
    }

    private void Put(JsonObject manifest, string subresource)
    {
        var content = (JsonObject)manifest.DeepClone();
        var apiVersion = (string)content["apiVersion"]!;
        var type = types.All.Single(one => one.Kind == (string?)content["kind"] && one.Versions.Any(version => one.ApiVersion(version) == apiVersion));
        var version = apiVersion.Split('/')[^1];
        content.Remove("apiVersion");
        content.Remove("kind");
        var @namespace = type.Namespaced ? (string?)content["metadata"]!["namespace"] ?? "default" : "";
        var name = (string)content["metadata"]!["name"]!;
        var options = new WriteOptions("test", Subresource: subresource);
        store.Atomically(() => store.Find(type.Id, @namespace, name) is null
            ? control.Create(type, version, @namespace, content, options)
            : control.Update(type, version, @namespace, name, _ => content, options));
    }

    private async Task ListenAsync()
    {
        // Without configuration files, each of which would be watched: a machine has few watchers.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = 3 << 20;
            options.Listen(address, port, listen =>
            {
                listen.Use(next => connection =>
                {
                    connection.Transport = new GatedTransport(connection.Transport, Faults.Bytes);
                    return next(connection);
                });
                listen.UseHttps(certificate);
            });
        });
        application = builder.Build();
        application.Run(handler.HandleAsync);
        await application.StartAsync();
        port = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
    }

    /// <summary>An address of its own, so that nobody takes the port while the server is stopped.</summary>
    private static IPAddress NextAddress()
    {
        var number = Interlocked.Increment(ref nextAddress);
        return new IPAddress([127, (byte)(20 + (number / 50_000 % 200)), (byte)(1 + (number / 200 % 250)), (byte)(10 + (number % 200))]);
    }
}
