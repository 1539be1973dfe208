using System.Globalization;
using System.Text;

namespace Polygate.Bench;

/// <summary>Where the compared programs listen and what they serve.</summary>
/// <param name="Folder">A scratch folder of the run.</param>
/// <param name="Routes">Path prefixes <c>/service-N/</c> that all lead to the one backend.</param>
/// <param name="Workers">Worker processes, or event loops.</param>
internal sealed record Setup(string Folder, int Routes, int Workers)
{
    public const string Backend = "127.0.0.1:18900";
    public const string GrpcBackend = "127.0.0.1:18901";
    public const string EchoBackend = "127.0.0.1:18902";

    public string File(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }
}

/// <summary>A proxy that takes part.</summary>
/// <param name="Name">As in the table.</param>
/// <param name="Port">Its cleartext port; TLS is on the next one, where it has it.</param>
/// <param name="Start">Starts it on the given CPUs.</param>
internal sealed record Proxy(string Name, int Port, Func<Setup, string, ChildProcess> Start)
{
    public static Proxy Nginx { get; } = new("nginx", 18100, StartNginx);

    public static Proxy HAProxy { get; } = new("haproxy", 18200, StartHAProxy);

    public static Proxy Yarp(string executable) => new("yarp", 18300, (setup, cpus) =>
        ChildProcess.Start(cpus, Path.Combine(setup.Folder, "yarp.log"), executable, "18300", Setup.Backend, Text(setup.Routes)));

    public static Proxy Polygate(string executable) => new("polygate", 18400, (setup, cpus) => StartPolygate(executable, setup, cpus));

    /// <summary>Where Polygate tells its metrics.</summary>
    public const string AdminAddress = "127.0.0.1:18402";

    /// <summary>The backend: nginx too, since it must never be what is measured.</summary>
    public static ChildProcess StartBackend(string folder, string cpus)
    {
        var files = Path.Combine(folder, "files");
        Directory.CreateDirectory(files);
        File.WriteAllBytes(Path.Combine(files, "16k"), new byte[16 * 1024]);
        File.WriteAllBytes(Path.Combine(files, "1m"), new byte[1024 * 1024]);
        var configuration = Path.Combine(folder, "backend.conf");
        File.WriteAllText(configuration, $$"""
            daemon off;
            worker_processes 1;
            pid {{folder}}/backend.pid;
            error_log {{folder}}/backend.error.log;
            events { worker_connections 8192; }
            http {
              access_log off;
              keepalive_requests 100000000;
              client_max_body_size 0;
              server {
                listen {{Setup.Backend}} backlog=4096;
                root {{files}};
                location / { return 200 "hello, world\n"; }
                location ~ /16k$ { rewrite .* /16k break; }
                location ~ /1m$ { rewrite .* /1m break; }
              }
              server {
                listen {{Setup.GrpcBackend}} http2 backlog=4096;
                default_type application/grpc;
                add_trailer grpc-status 0 always;
                location / { return 200 "hello"; }
              }
            }
            """);
        return ChildProcess.Start(cpus, Path.Combine(folder, "backend.log"), "/usr/sbin/nginx", "-c", configuration);
    }

    private static ChildProcess StartNginx(Setup setup, string cpus)
    {
        var locations = new StringBuilder();
        for (var i = 0; i < setup.Routes; i++)
        {
            locations.Append(CultureInfo.InvariantCulture, $"    location /service-{i}/ {{ proxy_pass http://backend; }}\n");
        }

        var configuration = setup.File("nginx.conf", $$"""
            daemon off;
            worker_processes {{setup.Workers}};
            worker_rlimit_nofile 65536;
            pid {{setup.Folder}}/nginx.pid;
            error_log {{setup.Folder}}/nginx.error.log;
            events { worker_connections 16384; }
            http {
              access_log {{setup.Folder}}/nginx.access.log combined buffer=64k flush=1s;
              keepalive_requests 100000000;
              client_max_body_size 0;
              upstream backend { server {{Setup.Backend}}; keepalive 256; keepalive_requests 100000000; }
              proxy_http_version 1.1;
              proxy_request_buffering off;
              proxy_set_header Connection "";
              proxy_set_header Host $host;
              proxy_set_header X-Real-IP $remote_addr;
              proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
              proxy_set_header X-Forwarded-Proto $scheme;
              proxy_set_header X-Forwarded-Host $host;
              upstream grpc { server {{Setup.GrpcBackend}}; keepalive 64; }
            {{AnnotatedHosts.NginxPreamble}}
              server {
                listen 127.0.0.1:18100 backlog=4096 reuseport;
                listen 127.0.0.1:18101 ssl http2 backlog=4096 reuseport;
                ssl_protocols TLSv1.2 TLSv1.3;
                ssl_certificate {{setup.Folder}}/tls.crt;
                ssl_certificate_key {{setup.Folder}}/tls.key;
                location /bench.Echo/ { grpc_pass grpc://grpc; }
                location /echo { proxy_pass http://{{Setup.EchoBackend}}; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }
            {{locations}}
              }
            {{AnnotatedHosts.NginxServers}}
            }
            """);
        return ChildProcess.Start(cpus, Path.Combine(setup.Folder, "nginx.log"), "/usr/sbin/nginx", "-c", configuration);
    }

    private static ChildProcess StartHAProxy(Setup setup, string cpus)
    {
        var map = new StringBuilder();
        for (var i = 0; i < setup.Routes; i++)
        {
            map.Append(CultureInfo.InvariantCulture, $"/service-{i}/ app\n");
        }

        var mapFile = setup.File("haproxy.map", map.ToString());
        var configuration = setup.File("haproxy.cfg", $"""
            global
              nbthread {setup.Workers}
              maxconn 8000
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
              option forwardfor
            frontend main
              bind 127.0.0.1:18200
              bind 127.0.0.1:18201 ssl crt {setup.Folder}/tls.pem alpn h2,http/1.1
              http-request set-header X-Forwarded-Proto http
              http-request set-header X-Forwarded-Host %[req.hdr(host)]
              acl is_grpc path_beg /bench.Echo/
              acl is_echo path_beg /echo
              use_backend grpc if is_grpc
              use_backend echo if is_echo
              use_backend %[path,map_beg({mapFile})]
            backend grpc
              server one {Setup.GrpcBackend} proto h2
            backend echo
              timeout tunnel 60s
              server one {Setup.EchoBackend}
            backend app
              http-reuse always
              server one {Setup.Backend}

            """);
        return ChildProcess.Start(cpus, Path.Combine(setup.Folder, "haproxy.log"), "/usr/sbin/haproxy", "-f", configuration);
    }

    private static ChildProcess StartPolygate(string executable, Setup setup, string cpus)
    {
        var folder = PolygateConfiguration.Write(setup);
        return ChildProcess.Start(
            cpus, Path.Combine(setup.Folder, "polygate.access.log"), executable,
            "run", "--config", folder, "--address", "127.0.0.1", "--map-port", "80=18400", "--map-port", "443=18401",
            "--admin", AdminAddress, "--log-format", "json", "--access-log", "common", "--loops", Text(setup.Workers));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
