using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Polygate.Admin;
using Polygate.Logging;
using BadRequest = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Polygate.Admission;

/// <summary>
/// Answers AdmissionReviews at <c>/validate</c> over HTTPS, and <c>/livez</c> and <c>/readyz</c>. What it cannot judge, because the review is
/// not one, is too large, takes too long, or because of a fault of its own, is answered with an error: the webhook's failure policy then decides.
/// </summary>
internal sealed class AdmissionServer : IAsyncDisposable
{
    /// <summary>Of a review, in bytes. An object has 1.5 MiB at most where it is stored, and an update brings two.</summary>
    public const int LongestReview = 6 * 1024 * 1024;

    /// <summary>Reviews under way at once: they bound the memory. Others wait for a second.</summary>
    private const int ReviewsAtOnce = 8;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(3);

    private readonly Func<AdmissionRequest, AdmissionAnswer> judge;
    private readonly ProgramLog log;
    private readonly TimeSpan longestJudgement;
    private readonly SemaphoreSlim reviews = new(ReviewsAtOnce);
    private SmallServer? server;

    private AdmissionServer(Func<AdmissionRequest, AdmissionAnswer> judge, ProgramLog log, TimeSpan longestJudgement) =>
        (this.judge, this.log, this.longestJudgement) = (judge, log, longestJudgement);

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => server!.EndPoint;

    /// <summary>Whether <c>/readyz</c> says so.</summary>
    public bool IsReady { get; set; } = true;

    /// <summary>Starts listening.</summary>
    /// <param name="endPoint">Where.</param>
    /// <param name="certificate">What it presents.</param>
    /// <param name="judge">Judges a request; called on pool threads, several at once.</param>
    /// <param name="log">Hears of refusals and faults.</param>
    /// <param name="longestJudgement">How long one may take; null for 3 seconds.</param>
    /// <exception cref="IOException">The address cannot be bound.</exception>
    public static async Task<AdmissionServer> StartAsync(
        IPEndPoint endPoint, CertificateFiles certificate, Func<AdmissionRequest, AdmissionAnswer> judge, ProgramLog log, TimeSpan? longestJudgement = null)
    {
        var started = new AdmissionServer(judge, log, longestJudgement ?? TimeSpan.FromSeconds(3));
        started.server = await SmallServer.StartAsync(endPoint, HttpProtocols.Http1, started.AnswerAsync, new SmallServerSettings
        {
            Tls = () => certificate.Options,
            MostConnections = 256,
            LongestBody = LongestReview,
        });
        return started;
    }

    public ValueTask DisposeAsync() => server!.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await (context.Request.Path.Value switch
            {
                "/validate" => ReviewAsync(context),
                "/livez" => WriteAsync(context, StatusCodes.Status200OK, "ok\n"),
                "/readyz" => WriteAsync(context, IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, IsReady ? "ok\n" : "stopping\n"),
                _ => WriteAsync(context, StatusCodes.Status404NotFound, "Here are /validate, /livez and /readyz.\n"),
            });
        }
        catch (BadRequest exception)
        {
            await WriteAsync(context, exception.StatusCode, "The request cannot be read.\n");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // One review's fault is no other's.
            log.Write(LogLevel.Error, $"A review failed: {exception.Message}", ("exception", exception.ToString()));
            await WriteAsync(context, StatusCodes.Status500InternalServerError, "The review failed because of a fault in the gateway's webhook.\n");
        }
    }

    private async Task ReviewAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST";
            await WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "Only POST.\n");
            return;
        }

        if (context.Request.ContentType is not { } type || !type.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            await WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "Only application/json.\n");
            return;
        }

        if (!await reviews.WaitAsync(LongestWait, context.RequestAborted))
        {
            await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many reviews at once.\n");
            return;
        }

        var judging = Task.CompletedTask;
        try
        {
            var body = await ReadAsync(context);
            var review = Task.Run(() => Review(body), CancellationToken.None);
            judging = review;
            var answer = await review.WaitAsync(longestJudgement, context.RequestAborted);
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.BodyWriter.WriteAsync(answer, context.RequestAborted);
        }
        catch (FormatException exception)
        {
            await WriteAsync(context, StatusCodes.Status400BadRequest, exception.Message + "\n");
        }
        catch (TimeoutException)
        {
            log.Write(LogLevel.Error, "A review took too long and was answered with an error.");
            await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The review takes too long.\n");
        }
        finally
        {
            // A judgement that goes on keeps its place, so that there are never more of them.
            _ = judging.ContinueWith(_ => reviews.Release(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private ReadOnlyMemory<byte> Review(ReadOnlyMemory<byte> body)
    {
        var (document, request) = AdmissionReview.Parse(body);
        using (document)
        {
            var answer = judge(request);
            if (answer.Refusal is { } refusal)
            {
                log.Write(LogLevel.Info, $"Refused to {request.Operation}: {refusal}", ("kind", TextOf(request, "kind")), ("namespace", request.Namespace), ("name", NameOf(request)));
            }

            return AdmissionReview.Write(request.Uid, answer);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(LongestRead);
        using var body = new MemoryStream((int)Math.Min(context.Request.ContentLength ?? 0, LongestReview));
        try
        {
            await context.Request.Body.CopyToAsync(body, limit.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new BadRequest("The body takes too long.", StatusCodes.Status408RequestTimeout);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static string? TextOf(AdmissionRequest request, string field) =>
        request.Object is { } json && json.TryGetProperty(field, out var value) && value.ValueKind == System.Text.Json.JsonValueKind.String ? value.GetString() : null;

    private static string? NameOf(AdmissionRequest request) =>
        request.Object is { } json && json.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("name", out var name)
        && name.ValueKind == System.Text.Json.JsonValueKind.String ? name.GetString() : null;

    private static async Task WriteAsync(HttpContext context, int status, string text)
    {
        if (context.Response.HasStarted)
        {
            return;
        }

        var body = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body);
    }
}
