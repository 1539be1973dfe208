using System.Net.Http.Headers;
using k8s.Authentication;

namespace Polygate.Kubernetes.Cluster.Api;

/// <summary>
/// A bearer token in a file that is replaced before the token expires (projected volumes of service accounts, hourly by default). Read again at
/// most once a second, so that a new one is in use at once. Safe to use from several threads.
/// </summary>
internal sealed class FileToken : ITokenProvider
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);

    private readonly string file;
    private readonly TimeProvider time;
    private volatile Reading? last;

    public FileToken(string file, TimeProvider time)
    {
        this.file = file;
        this.time = time;
    }

    /// <exception cref="IOException">The file cannot be read, and could not be before.</exception>
    public async Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        var known = last;
        if (known is null || time.GetElapsedTime(known.At) >= Kept)
        {
            try
            {
                var text = (await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)).Trim();

                // Empty while it is being written by somebody who does not replace it at once.
                known = new Reading(text.Length > 0 || known is null ? text : known.Token, time.GetTimestamp());
            }
            catch (Exception exception) when (known is not null && exception is IOException or UnauthorizedAccessException)
            {
                known = known! with { At = time.GetTimestamp() };
            }

            last = known;
        }

        return new AuthenticationHeaderValue("Bearer", known.Token);
    }

    private sealed record Reading(string Token, long At);
}
