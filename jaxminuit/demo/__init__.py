"""The complete example of the Minuit manual, chapter 6: the time distribution of leptonic K0 decays."""
