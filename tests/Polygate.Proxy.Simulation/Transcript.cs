using System.Globalization;
using System.Text;

namespace Polygate.Proxy.Simulation;

/// <summary>What a server made of the bytes of a connection: the requests it took from them, and its answers.</summary>
public sealed record Transcript(IReadOnlyList<ReadRequest> Requests, IReadOnlyList<int> Answers, string Output)
{
    /// <summary>The status by which something was refused that was no request; 0 when nothing was.</summary>
    public int Refusal => FinalAnswers > Requests.Count ? Answers[^1] : 0;

    /// <summary>Kestrel answers the preface of HTTP/2 with a frame of HTTP/2.</summary>
    private const int NotHttp1 = 505;

    private int FinalAnswers => Answers.Count(status => status >= 200);

    /// <summary>Takes the statuses out of what a server sent that answers everything with empty bodies.</summary>
    public static Transcript Of(IReadOnlyList<ReadRequest> requests, ReadOnlySpan<byte> output)
    {
        var text = Encoding.Latin1.GetString(output);
        var answers = text.Split("\r\n\r\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(head => head.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture) : NotHttp1);
        return new Transcript(requests, [.. answers], text);
    }

    /// <summary>All of it as text but interim answers (a body that has come needs no 100 Continue): what may not depend on how the bytes arrive.</summary>
    public override string ToString() => string.Join("\n", [.. Requests.Select(request => request.ToString()), $"answers {string.Join(' ', Answers.Where(status => status >= 200))}"]);
}

/// <summary>A request as a server read it.</summary>
/// <param name="Method">As received.</param>
/// <param name="Target">Path and query, the path normalised as RFC 3986 section 6.2.2 says.</param>
/// <param name="Authority">Host and port, from the target or from <c>Host</c>.</param>
/// <param name="Version"><c>HTTP/1.0</c> or <c>HTTP/1.1</c>.</param>
/// <param name="Fields">All header fields but <c>Host</c>.</param>
public sealed record ReadRequest(string Method, string Target, string Authority, string Version, IReadOnlyList<(string Name, string Value)> Fields)
{
    /// <summary><see cref="BodyStatus"/> of a body whose connection ended first.</summary>
    public const int Cut = -1;

    public string Body { get; set; } = "";

    public IReadOnlyList<(string Name, string Value)> Trailers { get; set; } = [];

    /// <summary>0 when the body was read to its end, <see cref="Cut"/>, or the status it was refused with.</summary>
    public int BodyStatus { get; set; }

    public override string ToString() =>
        $"{Method} {Target} {Version} @{Authority} [{Print(Fields)}] {BodyStatus}:{(BodyStatus == 0 ? Body : "")} [{Print(Trailers)}]";

    internal static string Print(IReadOnlyList<(string Name, string Value)> fields) =>
        string.Join(" | ", fields.Select(field => $"{field.Name}: {field.Value}"));
}
