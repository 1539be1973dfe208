using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace Polygate.Admin;

/// <summary>
/// TLS around a connection of a bare Kestrel, which has it only together with a host's services. HTTP/1.1 goes over it, whatever the client offers.
/// </summary>
internal static class TlsConnection
{
    private static readonly TimeSpan LongestHandshake = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(ConnectionContext connection, SslServerAuthenticationOptions options, ConnectionDelegate next)
    {
        var plain = connection.Transport;
        await using var tls = new SslStream(new PipeStream(plain), leaveInnerStreamOpen: true);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            limit.CancelAfter(LongestHandshake);
            await tls.AuthenticateAsServerAsync(options, limit.Token);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException)
        {
            connection.Abort(new ConnectionAbortedException("There was no TLS handshake."));
            return;
        }

        var inner = new DuplexPipe(
            PipeReader.Create(tls, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(tls, new StreamPipeWriterOptions(leaveOpen: true)));
        try
        {
            connection.Transport = inner;
            await next(connection);
        }
        finally
        {
            await inner.Input.CompleteAsync();
            await inner.Output.CompleteAsync();
            connection.Transport = plain;
        }
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Both directions of a pipe as the one stream that TLS works on.</summary>
    private sealed class PipeStream(IDuplexPipe pipe) : Stream
    {
        private readonly Stream input = pipe.Input.AsStream(leaveOpen: true);
        private readonly Stream output = pipe.Output.AsStream(leaveOpen: true);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
