namespace Polygate.Testing.ApiServer.Serving;

/// <summary>A request that was answered, for tests that ask what a client did.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Target">Path and query.</param>
/// <param name="User">Whose token it came with.</param>
/// <param name="UserAgent">The client's own name.</param>
/// <param name="Status">HTTP status of the answer.</param>
/// <param name="At">When it was answered.</param>
public sealed record ApiCall(string Method, string Target, string User, string UserAgent, int Status, DateTimeOffset At);
