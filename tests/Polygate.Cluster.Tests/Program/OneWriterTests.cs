using Microsoft.AspNetCore.Http;
using Polygate.Cluster.Tests.Contract;
using Polygate.Cluster.Tests.Servers;
using Polygate.EndToEnd.Tests;

namespace Polygate.Cluster.Tests.Program;

public sealed class OneWriterTestsOnTheDouble(DoubleFixture server) : OneWriterTests(server), IClassFixture<DoubleFixture>;

[Collection(KubernetesCollection.Name)]
public sealed class OneWriterTestsOnKubernetes(KubernetesFixture server) : OneWriterTests(server);

/// <summary>
/// Of two replicas one writes statuses, whatever becomes of it. They tell different addresses, so that each would write what the
/// other wrote, and come as different users, so that the server's log says who did.
/// </summary>
public abstract class OneWriterTests(IServerUnderTest server) : ContractTests(server)
{
    /// <summary>The Lease's, after the last renewal.</summary>
    private static readonly TimeSpan Term = TimeSpan.FromSeconds(15);

    /// <summary>How often the other one tries for it, with what that takes on a machine that does other things.</summary>
    private static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(7);

    private readonly List<string> files = [];

    public override ValueTask DisposeAsync()
    {
        files.ForEach(File.Delete);
        GC.SuppressFinalize(this);
        return base.DisposeAsync();
    }

    [Fact]
    public async Task No_status_is_written_by_one_that_does_not_hold_the_Lease()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("one"));
        (await Api.PostAsync("/apis/networking.k8s.io/v1/ingressclasses", ClusterObjects.IngressClass(Namespace))).Expect(201);
        (await Api.PostAsync(Services, ClusterObjects.Service(Namespace, "s", backend))).Expect(201);
        await AddAsync("a");
        var first = await StartAsync("replica-1", "192.0.2.1");
        await using (first)
        {
            await UntilPublishedAsync("a", "192.0.2.1");
            await using var second = await StartAsync("replica-2", "192.0.2.2");
            await AddAsync("b");
            await UntilPublishedAsync("b", "192.0.2.1");

            // Stalled in the middle of work: it knows of nothing that happens meanwhile, and thinks that it leads when it goes on.
            await AddAsync("c");
            Signals.Send(first.ProcessId, "STOP");
            await AddAsync("d");
            await UntilPublishedAsync("d", "192.0.2.2");
            await UntilPublishedAsync("a", "192.0.2.2");
            Signals.Send(first.ProcessId, "CONT");
            await AddAsync("e");
            await first.UntilAsync($"http://e.{Namespace}:8080/", answer => answer.IsSuccessStatusCode);
            await UntilPublishedAsync("e", "192.0.2.2");

            // And the new leader killed: the old one leads again.
            await second.KillAsync();
            await AddAsync("f");
            await UntilPublishedAsync("f", "192.0.2.1");
            await UntilPublishedAsync("a", "192.0.2.1");
        }

        AssertOneWriter();
    }

    private void AssertOneWriter()
    {
        AcceptedWrite? holding = null;
        var statuses = 0;
        var writers = new HashSet<string>();
        foreach (var write in Server.Writes().Where(write => write.Path.Contains($"/{Namespace}/", StringComparison.Ordinal)))
        {
            if (write.Path.Contains("/leases", StringComparison.Ordinal))
            {
                if (holding is not null && holding.User != write.User)
                {
                    var gap = write.At - holding.At;
                    Assert.InRange(gap, TimeSpan.Zero, Term + LongestTry);
                    Outage.Tell($"{write.User} leads {gap.TotalSeconds:F1} s after the last renewal by {holding.User}");
                }

                holding = write;
            }
            else if (write.Path.Contains("/status", StringComparison.Ordinal) && write.User.StartsWith("replica-", StringComparison.Ordinal))
            {
                Assert.NotNull(holding);
                Assert.True(holding.User == write.User, $"{write.User} wrote {write.Path} at {write.At:O}, but {holding.User} holds the Lease since {holding.At:O}");
                Assert.True(write.At - holding.At < Term, $"{write.User} wrote {write.Path} at {write.At:O}, and renewed last at {holding.At:O}");
                statuses++;
                writers.Add(write.User);
            }
        }

        Assert.Equal(2, writers.Count);
        Assert.True(statuses >= 8, $"only {statuses} statuses were written");
    }

    private async Task AddAsync(string name) =>
        (await Api.PostAsync(Ingresses, ClusterObjects.Ingress(Namespace, name, Namespace, $"{name}.{Namespace}", "s"))).Expect(201);

    private async Task<GatewayProcess> StartAsync(string replica, string address)
    {
        var kubeconfig = Path.GetTempFileName();
        files.Add(kubeconfig);
        await File.WriteAllTextAsync(kubeconfig, Server.Kubeconfig(Server.TokenOf(replica)));
        return await GatewayProcess.StartOnAsync(
            ["--kubeconfig", kubeconfig, "--watch-namespaces", Namespace], "--publish-address", address, "--leader-election-namespace", Namespace);
    }

    private Task<Answer> UntilPublishedAsync(string name, string address) => UntilAsync(
        $"{Ingresses}/{name}", answer => (string?)answer.Json?["status"]?["loadBalancer"]?["ingress"]?[0]?["ip"] == address);
}
