using System.Text;
using Polygate.Model;
using Polygate.Proxy.Simulation;

namespace Polygate.Fuzz.Targets;

/// <summary>What a backend sends that speaks HTTP/2: frames and HPACK.</summary>
internal sealed class Http2AnswersTarget() : AnswersTarget(BackendProtocol.Http2)
{
    private const int PrefaceLength = 24;
    private const int HeaderLength = 9;
    private const int Data = 0;
    private const int Headers = 1;
    private const int EndStream = 1;
    private const int EndHeaders = 4;

    private static readonly string Settings = Frame(4, 0, 0, "");

    public override string Name => "http2-answers";

    public override IReadOnlyList<byte[]> Words => Fuzz.Words.Http2;

    public override IEnumerable<byte[]> Seeds => new[]
    {
        Settings + Frame(Headers, EndHeaders, 1, "\u0088\u005f\u001fapplication/json; charset=utf-8") + Frame(Data, 0, 1, "bo") + Frame(Data, EndStream, 1, "dy"),
        Settings + Frame(4, 1, 0, "") + Frame(8, 0, 0, "\0\u0010\0\0") + Frame(Headers, EndHeaders | EndStream, 1, "\u0089"),
        Settings + Frame(Headers, EndHeaders, 1, "\u0008\u0003103\0\u0004link\u0004</a>") + Frame(Headers, EndHeaders, 1, "\u0088\u000f\u000d\u00014") + Frame(Data, EndStream, 1, "body"),
        Settings + Frame(Headers, 0, 1, "\u0088") + Frame(9, EndHeaders, 1, "\u0040\u0001x\u0001y\u00be") + Frame(Data, 8, 1, "\u0001body\0") + Frame(Headers, EndHeaders | EndStream, 1, "\0\u0003sum\u00011"),
        Settings + Frame(7, 0, 0, "\0\0\0\0\0\0\0\0"),
        Settings + Frame(3, 0, 1, "\0\0\0\u0007"),
        Frame(4, 0, 0, "\0\u0003\0\0\0\u0001\0\u0004\0\0\0\u0001\0\u0005\0\0\u0040\0") + Frame(6, 0, 0, "12345678") + Frame(Headers, EndHeaders | EndStream | 0x28, 1, "\u0002\0\0\0\0\u0010\u0088\0\0"),
        Settings + Frame(Headers, EndHeaders, 1, "\u0088\u0076\u0086\u00aa\u0063\u0055\u00e5\u0080\u00ae") + Frame(2, 0, 1, "\0\0\0\0\u0010") + Frame(Data, EndStream, 1, ""),
    }.Select(Encoding.Latin1.GetBytes);

    /// <summary>What is wrong behind a beginning may be found before the beginning was passed on, or after.</summary>
    protected override bool IsSame(string atOnce, string inPieces) => atOnce == inPieces || IsBroken(atOnce) || IsBroken(inPieces);

    protected override bool AnswerSecond(IReadOnlyList<SimulatedChannel> upstreams)
    {
        var upstream = upstreams[^1];
        if (upstream.IsClosed || LastHead(upstream.Sent.Span) is not { } stream)
            return false;

        var answer = Frame(Headers, EndHeaders, stream, "\u0088") + Frame(Data, EndStream, stream, "clean");
        upstream.Deliver(Encoding.Latin1.GetBytes(upstreams.Count == 1 ? answer : Settings + answer));

        // On the first connection half a frame of the first answer may be left.
        return upstreams.Count > 1;
    }

    private static bool IsBroken(string result) => result == "cut" || result.StartsWith("50", StringComparison.Ordinal);

    /// <summary>The stream of the last head that the proxy sent.</summary>
    private static int? LastHead(ReadOnlySpan<byte> sent)
    {
        int? stream = null;
        for (var rest = sent[PrefaceLength..]; rest.Length >= HeaderLength;)
        {
            if (rest[3] == Headers)
                stream = (rest[5] << 24) | (rest[6] << 16) | (rest[7] << 8) | rest[8];

            rest = rest[(HeaderLength + ((rest[0] << 16) | (rest[1] << 8) | rest[2]))..];
        }

        return stream;
    }

    private static string Frame(int type, int flags, int stream, string payload) =>
        $"{(char)(payload.Length >> 16)}{(char)((payload.Length >> 8) & 0xFF)}{(char)(payload.Length & 0xFF)}{(char)type}{(char)flags}\0\0\0{(char)stream}{payload}";
}
