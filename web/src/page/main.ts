document.title = 'Laggard report';
