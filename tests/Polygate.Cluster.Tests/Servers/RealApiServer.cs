using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Polygate.Cluster.Tests.Servers;

/// <summary>etcd and kube-apiserver as processes, on random loopback ports, with keys and certificates of their own.</summary>
internal sealed class RealApiServer : IAsyncDisposable
{
    private readonly string assets;
    private readonly string folder = Directory.CreateTempSubdirectory("polygate-envtest-").FullName;
    private readonly int etcdPort = FreePort();
    private readonly int port = FreePort();
    private readonly List<string> arguments = [];
    private Process? etcd;
    private Process? server;

    private RealApiServer(string assets)
    {
        this.assets = assets;
    }

    /// <summary>The folder with the programs; null where there is none.</summary>
    public static string? Assets =>
        Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } folder
        && File.Exists(Path.Combine(folder, "kube-apiserver")) && File.Exists(Path.Combine(folder, "etcd")) ? folder : null;

    public string AdminToken { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public string Version { get; private set; } = "";

    private string Address => $"https://127.0.0.1:{port}";

    private string AuditLog => Path.Combine(folder, "audit.log");

    private string AuthorityPath => Path.Combine(folder, "ca.crt");

    /// <param name="assets">The folder with the programs.</param>
    /// <param name="more">Further options of the API server.</param>
    public static async Task<RealApiServer> StartAsync(string assets, params string[] more)
    {
        var started = new RealApiServer(assets);
        try
        {
            started.WriteKeys();
            started.etcd = started.Run("etcd", [
                "--name", "test", "--data-dir", Path.Combine(started.folder, "data"), "--unsafe-no-fsync",
                "--listen-client-urls", $"http://127.0.0.1:{started.etcdPort}", "--advertise-client-urls", $"http://127.0.0.1:{started.etcdPort}",
                "--listen-peer-urls", "http://127.0.0.1:0", "--log-level", "error", "--logger", "zap"]);
            started.arguments.AddRange([
                $"--etcd-servers=http://127.0.0.1:{started.etcdPort}", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
                $"--secure-port={started.port}", "--endpoint-reconciler-type=none", "--authorization-mode=RBAC",
                $"--tls-cert-file={started.folder}/server.crt", $"--tls-private-key-file={started.folder}/server.key",
                $"--token-auth-file={started.folder}/tokens.csv", "--service-cluster-ip-range=10.96.0.0/16", "--allow-privileged=true",
                $"--service-account-key-file={started.folder}/accounts.pub", $"--service-account-signing-key-file={started.folder}/accounts.key",
                "--service-account-issuer=https://kubernetes.default.svc",
                $"--audit-policy-file={started.folder}/audit.yaml", $"--audit-log-path={started.AuditLog}", "--audit-log-mode=blocking", .. more]);
            await started.StartServerAsync();
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public HttpClient CreateClient(string token)
    {
        var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } })
        {
            BaseAddress = new Uri(Address),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (token.Length > 0)
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }

        return client;
    }

    public string Kubeconfig(string token) => $$"""
        apiVersion: v1
        kind: Config
        clusters: [{ name: test, cluster: { server: "{{Address}}", certificate-authority-data: {{Convert.ToBase64String(File.ReadAllBytes(AuthorityPath))}} } }]
        users: [{ name: test, user: { token: {{token}} } }]
        contexts: [{ name: test, context: { cluster: test, user: test } }]
        current-context: test
        """;

    /// <summary>A token of another user, who may do everything.</summary>
    public string TokenOf(string replica) => $"{replica}-{AdminToken}";

    /// <summary>The writes of those users that were accepted, from the audit log.</summary>
    public IReadOnlyList<AcceptedWrite> Writes()
    {
        using var log = new StreamReader(new FileStream(AuditLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return
        [
            .. log.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
                .Where(entry => (int?)entry["responseStatus"]?["code"] < 300)
                .Select(entry => new AcceptedWrite(
                    (string)entry["user"]!["username"]!, (string)entry["requestURI"]!,
                    DateTimeOffset.Parse((string)entry["stageTimestamp"]!, System.Globalization.CultureInfo.InvariantCulture))),
        ];
    }

    /// <summary>Stops the process where it is (true), or lets it go on.</summary>
    public void Freeze(bool isFrozen) => Signals.Send(server!.Id, isFrozen ? "STOP" : "CONT");

    /// <summary>Kills the API server; etcd and with it the objects stay.</summary>
    public async Task KillServerAsync()
    {
        server!.Kill();
        await server.WaitForExitAsync();
    }

    /// <summary>Starts the API server (again), until it is ready.</summary>
    public async Task StartServerAsync()
    {
        server = Run("kube-apiserver", arguments);
        using var client = CreateClient(AdminToken);
        var deadline = DateTime.UtcNow.AddSeconds(90);
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    Version = (string)(await client.GetFromJsonAsync<JsonNode>(new Uri("/version", UriKind.Relative)))!["gitVersion"]!;
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            if (server.HasExited || etcd!.HasExited || DateTime.UtcNow > deadline)
            {
                throw new InvalidOperationException($"kube-apiserver did not get ready; its log is {folder}/kube-apiserver.log: " +
                    string.Join('\n', File.ReadLines(Path.Combine(folder, "kube-apiserver.log")).TakeLast(5)));
            }

            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { server, etcd })
        {
            if (process is { HasExited: false })
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process?.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Runs a program of the folder with its output in a file, so that no pipe fills.</summary>
    private Process Run(string program, IEnumerable<string> options)
    {
        var log = Path.Combine(folder, $"{program}.log");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1", "sh", log, Path.Combine(assets, program), .. options]);
        return Process.Start(start)!;
    }

    private void WriteKeys()
    {
        var from = DateTimeOffset.UtcNow.AddMinutes(-5);
        var until = from.AddDays(1);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test-authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(from, until);
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var serverRequest = new CertificateRequest("CN=kube-apiserver", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        serverRequest.CertificateExtensions.Add(names.Build());
        using var certificate = serverRequest.Create(authority, from, until, RandomNumberGenerator.GetBytes(8));
        using var accounts = RSA.Create(2048);
        Write("ca.crt", authority.ExportCertificatePem());
        Write("server.crt", certificate.ExportCertificatePem());
        Write("server.key", serverKey.ExportPkcs8PrivateKeyPem());
        Write("accounts.key", accounts.ExportRSAPrivateKeyPem());
        Write("accounts.pub", accounts.ExportSubjectPublicKeyInfoPem());
        Write("tokens.csv", $"{AdminToken},admin,admin,\"system:masters\"\n" + string.Concat(
            new[] { "replica-1", "replica-2" }.Select(name => $"{TokenOf(name)},{name},{name},\"system:masters\"\n")));
        Write("audit.yaml", """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived, ResponseStarted]
            rules: [{ level: Metadata, verbs: [create, update, patch], users: [replica-1, replica-2] }, { level: None }]
            """);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text, new UTF8Encoding(false));

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
