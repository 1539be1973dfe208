using Polygate.Proxy.Http;

namespace Polygate.Proxy.FastCgi;

/// <summary>
/// Takes the records of an answer apart (FastCGI 1.0 section 6.2): hands out what the application writes to its standard output, passes on what
/// it writes to its standard error, and notices the end.
/// </summary>
internal sealed class FastCgiReader(ChannelInput input, FastCgiErrors errors)
{
    private FastCgiRecordType type;
    private int content;
    private int padding;
    private bool isOutputOver;

    /// <summary>Whether the application has said that the answer is complete.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>
    /// The next piece of the standard output, as far as it was received; the same until <see cref="Take"/>. Empty when more has to be received, and
    /// once <see cref="IsEnded"/>.
    /// </summary>
    /// <exception cref="BadMessageException">These are not the records of an answer.</exception>
    public ReadOnlyMemory<byte> Peek()
    {
        while (!IsEnded)
        {
            if (content > 0 && type == FastCgiRecordType.StandardOutput)
                return input.Memory[..Math.Min(content, input.Memory.Length)];

            if (!(content > 0 ? TryTakeContent() : padding > 0 ? TrySkipPadding() : TryReadHead()))
                break;
        }

        return default;
    }

    /// <summary>Marks bytes of the standard output as taken.</summary>
    public void Take(int bytes)
    {
        input.Advance(bytes);
        content -= bytes;
    }

    private bool TryReadHead()
    {
        if (input.Span.Length < FastCgiRecord.HeadLength)
            return false;

        if (!FastCgiRecord.TryReadHead(input.Span, out type, out content, out padding))
            throw new BadMessageException(502, "a record that does not belong to the request");

        if (type switch
        {
            FastCgiRecordType.StandardOutput => isOutputOver,
            FastCgiRecordType.StandardError => false,
            FastCgiRecordType.EndRequest => content != FastCgiRecord.RequestBodyLength,
            _ => true,
        })
        {
            throw new BadMessageException(502, "a record that must not come here");
        }

        isOutputOver |= type == FastCgiRecordType.StandardOutput && content == 0;
        input.Advance(FastCgiRecord.HeadLength);
        return true;
    }

    /// <summary>Of any record but those of the standard output.</summary>
    private bool TryTakeContent()
    {
        var received = input.Span[..Math.Min(content, input.Span.Length)];
        if (type == FastCgiRecordType.EndRequest)
            return received.Length == content && TakeEnd(received);

        errors.Append(received);
        Take(received.Length);
        return !received.IsEmpty;
    }

    private bool TakeEnd(ReadOnlySpan<byte> body)
    {
        // The application's own status is an exit code, which says nothing about the answer; the protocol's is 0 for a request that was answered.
        if (body[4] != 0)
            throw new BadMessageException(502, "the application does not take the request");

        Take(body.Length);
        IsEnded = true;
        return true;
    }

    private bool TrySkipPadding()
    {
        var skipped = Math.Min(padding, input.Span.Length);
        input.Advance(skipped);
        padding -= skipped;
        return skipped > 0;
    }
}
