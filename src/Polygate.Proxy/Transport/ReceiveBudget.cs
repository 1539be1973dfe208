namespace Polygate.Proxy.Transport;

/// <summary>
/// What one connection may receive in one turn of its loop without waiting for the next, so that a fast sender does not
/// starve its neighbours.
/// </summary>
internal struct ReceiveBudget(ThreadLoop loop)
{
    private const int BytesPerTurn = 256 * 1024;

    /// <summary>Counted for every receive, so that many small ones end a turn as well.</summary>
    private const int CostOfReceive = 2 * 1024;

    private long turn;
    private int left;

    internal bool IsSpent => turn == loop.Turn && left <= 0;

    internal void Spend(int bytes)
    {
        if (turn != loop.Turn)
        {
            turn = loop.Turn;
            left = BytesPerTurn;
        }

        left -= bytes + CostOfReceive;
    }
}
