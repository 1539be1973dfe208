using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Exceptions;
using Polygate.Kubernetes.Sources.Documents;

namespace Polygate.Kubernetes.Cluster.Api;

/// <summary>
/// Where the API server is, whom it is trusted to be signed by, and as whom it is spoken to. The library reads kubeconfigs; of a bundle it takes only the
/// first authority, and <c>tokenFile</c> it does not know: both are put right here.
/// </summary>
internal static class ApiConfiguration
{
    /// <summary>The configuration that the settings mean.</summary>
    public static async Task<KubernetesClientConfiguration> ReadAsync(ClusterSettings settings, TimeProvider time)
    {
        var file = settings.Kubeconfig ?? FromEnvironment();
        if (file is null && settings.Context is null && KubernetesClientConfiguration.IsInCluster())
        {
            return OfServiceAccount(
                "/var/run/secrets/kubernetes.io/serviceaccount",
                Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST")!, Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT")!, time);
        }

        file ??= Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
        return File.Exists(file)
            ? await OfKubeconfigAsync(new FileInfo(file), settings.Context, time).ConfigureAwait(false)
            : throw new KubeConfigException(
                $"there is no file {file}, and this is no pod with a service account; name a file with --kubeconfig, or a folder with --config");
    }

    /// <summary>As a pod finds it (Kubernetes documentation, "Accessing the Kubernetes API from a Pod").</summary>
    /// <param name="folder">Holds <c>token</c>, <c>ca.crt</c> and <c>namespace</c>.</param>
    /// <param name="host">The API server's address.</param>
    /// <param name="port">Its port.</param>
    /// <param name="time">The clock.</param>
    public static KubernetesClientConfiguration OfServiceAccount(string folder, string host, string port, TimeProvider time)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(Path.Combine(folder, "ca.crt"));
        var ns = Path.Combine(folder, "namespace");
        return new KubernetesClientConfiguration
        {
            Host = $"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}",
            SslCaCerts = authorities,
            TokenProvider = new FileToken(Path.Combine(folder, "token"), time),
            Namespace = File.Exists(ns) ? File.ReadAllText(ns).Trim() : "default",
        };
    }

    private static async Task<KubernetesClientConfiguration> OfKubeconfigAsync(FileInfo file, string? context, TimeProvider time)
    {
        var read = await KubernetesClientConfiguration.LoadKubeConfigAsync(file).ConfigureAwait(false);
        var chosen = read.Contexts?.FirstOrDefault(item => item.Name == (context ?? read.CurrentContext))?.ContextDetails;
        var credentials = read.Users?.FirstOrDefault(item => item.Name == chosen?.User)?.UserCredentials;
        var token = credentials is { Token: null or "" } ? TokenFile(file, chosen!.User) : null;
        if (token is not null)
        {
            // Without any credentials that it knows, the library refuses the user.
            credentials!.Token = (await File.ReadAllTextAsync(token).ConfigureAwait(false)).Trim();
        }

        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigObject(read, context);
        if (token is not null)
        {
            configuration.AccessToken = null;
            configuration.TokenProvider = new FileToken(token, time);
        }

        if (Bundle(read.Clusters?.FirstOrDefault(item => item.Name == chosen?.Cluster)?.ClusterEndpoint, file) is { } pem)
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(pem);
            configuration.SslCaCerts = authorities;
        }

        return configuration;
    }

    /// <summary>The certificates of authorities as PEM; null where there are none, or one in another form.</summary>
    private static string? Bundle(k8s.KubeConfigModels.ClusterEndpoint? cluster, FileInfo kubeconfig)
    {
        var text = cluster switch
        {
            { CertificateAuthorityData: { Length: > 0 } data } => Encoding.UTF8.GetString(Convert.FromBase64String(data)),
            { CertificateAuthority: { Length: > 0 } path } => File.ReadAllText(Beside(kubeconfig, path)),
            _ => "",
        };
        return text.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal) ? text : null;
    }

    private static string? TokenFile(FileInfo kubeconfig, string user)
    {
        var root = YamlDocuments.Read(File.ReadAllText(kubeconfig.FullName), new KeyPool()).FirstOrDefault() as MappingNode;
        var found = (root?.Find("users") as SequenceNode)?.Items.OfType<MappingNode>().FirstOrDefault(item => item.FindText("name") == user);
        return (found?.Find("user") as MappingNode)?.FindText("tokenFile") is { Length: > 0 } path ? Beside(kubeconfig, path) : null;
    }

    private static string Beside(FileInfo kubeconfig, string path) => Path.Combine(kubeconfig.DirectoryName!, path);

    /// <summary>Of several files the first that exists.</summary>
    private static string? FromEnvironment() =>
        Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } variable
            ? variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } files
                ? files.FirstOrDefault(File.Exists, files[0])
                : null
            : null;
}
