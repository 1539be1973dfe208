using Polygate.Proxy.Transport.Tls;

namespace Polygate.Fuzz.Targets;

/// <summary>The look into a ClientHello: a beginning of what is complete is never invalid, and says nothing else.</summary>
internal sealed class ClientHelloTarget : ITarget
{
    public string Name => "client-hello";

    public IReadOnlyList<byte[]> Words => Fuzz.Words.Tls;

    public IEnumerable<byte[]> Seeds => [Hello.Whole, Hello.InRecordsOf(7), Hello.InRecordsOf(1), Hello.Whole[..40]];

    public string? Run(byte[] input, Random random)
    {
        var (status, hello) = Read(input);
        for (var i = 0; i < 8; i++)
        {
            var length = random.Next(input.Length + 1);
            var (earlier, early) = Read(input.AsSpan(0, length));
            if (earlier == ClientHelloStatus.Complete ? status != earlier || early != hello : earlier == ClientHelloStatus.Invalid && status != earlier)
                return $"{earlier} after {length} bytes, {status} in the end";
        }

        return null;
    }

    public void Dispose()
    {
    }

    private static (ClientHelloStatus Status, string? Hello) Read(ReadOnlySpan<byte> bytes)
    {
        var status = ClientHelloReader.TryRead(bytes, out var hello);
        return (status, hello is null ? null : $"{hello.ServerName} {string.Join(',', hello.Protocols)} {hello}");
    }
}
