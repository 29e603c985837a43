namespace KernelGen.Reports;

/// <summary>Says somebody who waits how far the work is.</summary>
internal interface IProgressDisplay
{
    /// <summary>Does work of so many steps.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="total">Steps in all.</param>
    /// <param name="work">The work; it calls its argument with the steps finished and what comes next, from any thread; words that end in "
    /// left" have their own estimate of the time.</param>
    void Run(string title, long total, Action<Action<double, string>> work);
}
