using System.Text;
using Polygate.Model;
using Polygate.Proxy.Simulation;

namespace Polygate.Fuzz.Targets;

/// <summary>What a FastCGI application sends: records, and the head of a CGI program's answer.</summary>
internal sealed class FastCgiAnswersTarget() : AnswersTarget(BackendProtocol.FastCgi)
{
    private const int End = 3;
    private const int Output = 6;
    private const int Errors = 7;

    private static readonly string EndRecord = Record(End, "\0\0\0\0\0\0\0\0");

    public override string Name => "fastcgi-answers";

    public override IReadOnlyList<byte[]> Words => Fuzz.Words.FastCgi;

    public override IEnumerable<byte[]> Seeds => new[]
    {
        Record(Output, "Content-Type: text/plain\r\n\r\nbody") + Record(Output, "") + EndRecord,
        Record(Output, "Status: 404 Not Found\nX: y\n\n") + Record(Output, "bo", 3) + Record(Output, "dy", 255) + EndRecord,
        Record(Errors, "odd") + Record(Output, "Content-Le") + Record(Errors, "", 7) + Record(Output, "ngth: 4\r") + Record(Output, "\n\r\nbody") + Record(Errors, "more") + EndRecord,
        Record(Output, "Location: /x\r\n\r\n") + EndRecord,
        Record(Output, "Content-Length: 9\r\n\r\nbody") + EndRecord,
        Record(Output, "\n") + EndRecord,
        Record(Output, "Status: 204\r\n\r\nbody") + Record(End, "\0\0\0\u0001\u0002\0\0\0"),
    }.Select(Encoding.Latin1.GetBytes);

    protected override bool IsSame(string atOnce, string inPieces) => atOnce == inPieces;

    /// <summary>On a connection of its own.</summary>
    protected override bool AnswerSecond(IReadOnlyList<SimulatedChannel> upstreams)
    {
        upstreams[^1].Deliver(Encoding.Latin1.GetBytes(Record(Output, "\r\nclean") + EndRecord));
        return true;
    }

    private static string Record(int type, string content, int padding = 0) =>
        $"\u0001{(char)type}\0\u0001{(char)(content.Length >> 8)}{(char)(content.Length & 0xFF)}{(char)padding}\0{content}{new string('p', padding)}";
}
