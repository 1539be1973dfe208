using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>nginx itself, as the distribution packages it, with servers written by hand; listens on 8080 of an address of its own.</summary>
internal sealed class NginxProcess : IAsyncDisposable
{
    private const string Executable = "/usr/sbin/nginx";

    /// <summary>What ingress-nginx tells every backend; a location that sets headers itself has to repeat them.</summary>
    private const string RequestHeaders = """
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Scheme $scheme;
        proxy_set_header X-Scheme $scheme;
        proxy_set_header X-Original-Forwarded-For $http_x_forwarded_for;
        proxy_set_header X-Original-Forwarded-Host $http_x_forwarded_host;
        proxy_set_header Proxy "";
        """;

    private readonly DirectoryInfo folder;
    private readonly Process process;

    private NginxProcess(Process process, DirectoryInfo folder, string address)
    {
        this.process = process;
        this.folder = folder;
        Address = address;
    }

    /// <summary>Whether there is an nginx to compare with.</summary>
    public static bool IsInstalled => File.Exists(Executable);

    public string Address { get; }

    /// <param name="services">Become upstreams by their names.</param>
    /// <param name="http">What stands in the http block; <c>LISTEN</c> and <c>HEADERS</c> stand for what is the same everywhere.</param>
    public static async Task<NginxProcess> StartAsync(EchoServices services, string http)
    {
        var folder = Directory.CreateTempSubdirectory("polygate-nginx-");
        var address = Loopback.NextAddress();
        var configuration = Path.Combine(folder.FullName, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(folder.FullName, address, services, http));
        var process = Process.Start(new ProcessStartInfo(Executable, ["-p", folder.FullName, "-c", configuration, "-e", "error.log"]) { RedirectStandardError = true })!;
        var nginx = new NginxProcess(process, folder, address);
        while (!await nginx.AcceptsAsync())
        {
            Assert.False(process.HasExited, process.HasExited ? await process.StandardError.ReadToEndAsync() : "");
            await Task.Delay(20);
        }

        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }

    private static string Configuration(string folder, string address, EchoServices services, string http)
    {
        var upstreams = string.Concat(services.Ports.Select(service =>
            string.Create(CultureInfo.InvariantCulture, $"upstream {service.Name} {{ server {services.Address}:{service.Port}; }}\n")));
        var temporary = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(kind => $"{kind}_temp_path {folder};\n"));
        return $$"""
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log error.log;
            events { }
            http {
              access_log off;
              {{temporary}}
              {{upstreams}}
              port_in_redirect off;
              server_tokens off;
              server_names_hash_bucket_size 128;
              proxy_http_version 1.1;
              proxy_set_header Host $http_host;
              proxy_set_header Connection "";
              HEADERS
              server { listen {{address}}:8080 default_server; location / { return 404; } }
              {{http.Replace("LISTEN", $"listen {address}:8080", StringComparison.Ordinal)}}
            }
            """.Replace("HEADERS", RequestHeaders, StringComparison.Ordinal);
    }

    private async Task<bool> AcceptsAsync()
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(Address, 8080);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
